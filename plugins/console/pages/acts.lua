-- Who did what with plugins and packs: those rows of the audit log, in words.
local clock = require "host.clock"
local db = require "host.db"
local json = require "host.json"
local page = require "host.page"
local text = require "host.text"

local WHAT = {
  ["pack.install"] = { zh = "安装规则包", en = "Pack installed" },
  ["pack.wait"] = { zh = "更新等待确认", en = "Update waits for a person" },
  ["pack.accept"] = { zh = "同意更新", en = "Update agreed to" },
  ["pack.refuse"] = { zh = "拒绝更新", en = "Update refused" },
  ["pack.remove"] = { zh = "移除规则包", en = "Pack removed" },
  ["pack.trust"] = { zh = "信任公钥", en = "Key trusted" },
  ["pack.untrust"] = { zh = "不再信任公钥", en = "Key trusted no more" },
  ["plugin.live"] = { zh = "启用新内容", en = "New content in force" },
  ["plugin.gone"] = { zh = "不再使用", en = "No longer in force" },
  ["plugin.rollback"] = { zh = "退回", en = "Taken back" },
  ["plugin.trial"] = { zh = "试用失败，自动退回", en = "Trial failed, back by itself" },
  ["plugin.enable"] = { zh = "启用", en = "Switched on" },
  ["plugin.disable"] = { zh = "停用", en = "Switched off" },
  ["plugin.off"] = { zh = "由系统停用", en = "Switched off by the host" },
  ["plugin.reload"] = { zh = "要求重新载入", en = "Reload asked for" },
  ["plugin.tested"] = { zh = "测试通过", en = "Its tests passed" },
  ["plugin.test_failed"] = { zh = "测试没有通过", en = "Its tests failed" },
}

local function is_hash(s) return #s == 64 and not s:find "[^0-9a-f]" end

local function decoded(detail)
  local ok, v = pcall(json.decode, detail)
  return ok and type(v) == "table" and v or nil
end

-- What was agreed to; what came in addition to the version before is marked.
local function asked(act)
  local out, fresh = json.array {}, {}
  for _, ask in ipairs(act.before and act.more or {}) do fresh[ask] = true end
  for i, ask in ipairs(act.asks or {}) do
    local words = (act.words or {})[i]
    out[i] = { said = words and text.pick(words) or ask, fresh = fresh[ask] or false }
  end
  return out
end

local function row_of(entry)
  local day, time = clock.split(entry.at)
  local detail = entry.detail or ""
  local act = decoded(detail) or {}
  local whole = act.version ~= nil or act.namespace ~= nil
  local hash = is_hash(detail) and detail or act.hash
  local version = act.before and act.version and act.before .. " → " .. act.version or act.version
  return {
    at = day .. " " .. time, actor = entry.actor, what = WHAT[entry.what] or entry.what, subject = entry.subject or "",
    version = version or "", hash = hash and hash:sub(1, 12) or "", key = act.key ~= "" and act.key or false, unsigned = act.key == "",
    note = act.namespace or (whole or is_hash(detail)) and "" or act.zh and text.pick(act) or text.cut(detail, 300), asks = asked(act),
  }
end

-- Of a log that grows without end the latest part is enough.
local LATEST = [[SELECT at, actor, what, subject, detail FROM
  (SELECT id, at, actor, what, subject, detail FROM host_audit ORDER BY at DESC, id DESC LIMIT 20000) latest
  WHERE lower(what) LIKE 'pack.%' OR lower(what) LIKE 'plugin.%' ORDER BY at DESC, id DESC LIMIT 200]]

return page "GET /acts" {
  who = { "it", "supervisor" },
  template = "acts.html",
  title = { zh = "插件和包的操作记录", en = "What was done with plugins and packs" },
  function()
    local rows = json.array {}
    for i, entry in ipairs(db.all(LATEST)) do rows[i] = row_of(entry) end
    return { rows = rows, none = #rows == 0 or nil }
  end,
}
