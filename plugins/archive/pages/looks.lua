-- What people gave as their reason stands here only, for those who answer for it; IT sees no customer (domain P).
local json = require "host.json"
local page = require "host.page"
local looks = require "archive.looks"
local show = require "archive.show"

local WHAT = {
  unmask = { zh = "查看号码", en = "looked at a number" },
  ["no-call"] = { zh = "取消免回访", en = "took back 'do not call'" },
}

return page "GET /looks" {
  who = { "supervisor", "general-manager" }, template = "looks.html",
  title = { zh = "号码查看记录", en = "Numbers looked at" }, menu = { zh = "号码查看记录", en = "Numbers looked at", icon = "eye", order = 87 },
  function(req)
    local rows = json.array {}
    for i, row in ipairs(looks.list()) do
      rows[i] = { at = show.instant(row.at, req.lang), actor = row.actor, what = WHAT[row.what][req.lang], name = row.name, number = row.number, reason = row.reason }
    end
    return { rows = rows, any = #rows > 0 }
  end,
}
