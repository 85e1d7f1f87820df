-- Which questionnaires are in force, from where, and how they look: for who wants to know what a saved change did.
local json = require "host.json"
local page = require "host.page"
local point = require "host.point"
local definition = require "host.definition"

local READERS = { "specialist", "supervisor", "director", "general-manager", "it" }

local KIND = {
  rate = { zh = "评分 1-10", en = "rating 1-10" }, yesno = { zh = "是/否/不确定", en = "yes/no/unsure" }, choice = { zh = "单选", en = "one of" },
  multi = { zh = "多选", en = "several of" }, text = { zh = "文字", en = "text" },
}

local function item_view(item, place)
  local options = json.array {}
  for i, option in ipairs(item.options or {}) do options[i] = { label = { zh = option.zh, en = option.en } } end
  return { place = place, item_id = item.id, title = item.title, hint = item.hint or false, kind = KIND[item.kind], conditional = item.show_if ~= nil,
           options = options, weight = item.kind == "rate" and tostring(item.weight or 1) or "" }
end

local function preview(d)
  local sections, n = json.array {}, 0
  for i, section in ipairs(d.data.sections) do
    local items = json.array {}
    for j, item in ipairs(section.items) do
      n = n + 1
      items[j] = item_view(item, n)
    end
    sections[i] = { title = section.title, weight = tostring(section.weight or 1), script = section.script or false, items = items }
  end
  return { id = d.id, title = d.data.title, version = d.version, plugin = d.plugin, at = d.at, hash = d.hash:sub(1, 12), sections = sections }
end

local function count(q)
  local n = 0
  for _, section in ipairs(q.sections) do n = n + #section.items end
  return n
end

return {
  page "GET /questionnaires" {
    who = READERS,
    template = "questionnaires.html",
    title = { zh = "问卷", en = "Questionnaires" },
    menu = { zh = "问卷", en = "Questionnaires", icon = "clipboard-list", order = 85 },
    function()
      local rows = json.array {}
      for i, d in ipairs(point "questionnaires") do
        rows[i] = { id = d.id, title = d.data.title, version = d.version, plugin = d.plugin, at = d.at, questions = count(d.data), hash = d.hash:sub(1, 12) }
      end
      return { rows = rows, any = #rows > 0 }
    end,
  },
  page "GET /questionnaires/:id" {
    who = READERS,
    params = { id = "string:100!" },
    template = "questionnaire.html",
    title = { zh = "问卷", en = "Questionnaire" },
    function(req)
      local d = definition("questionnaires", req.params.id)
      if not d then error({ zh = "没有这份问卷，或它没有生效。", en = "There is no such questionnaire, or it is not in force." }, 0) end
      local view = preview(d)
      view.heading, view.title = view.title, nil
      return view
    end,
  },
}
