-- "Why?" of a decision: the rule, the facts as they were, and what each condition came to.
local clock = require "host.clock"
local json = require "host.json"
local page = require "host.page"
local who = require "host.who"
local rules = require "host.rules"
local names = require "callback.fact_names"

local READERS = { "specialist", "supervisor", "director", "general-manager" }
local OPS = {
  is = "=", isnt = "≠", lt = "<", le = "≤", gt = ">", ge = "≥", matches = { zh = "包含", en = "matches" }, answered = { zh = "有填写", en = "is given" },
  one_of = { zh = "是其中之一", en = "is one of" }, has = { zh = "含有", en = "has" }, has_any = { zh = "含有任一", en = "has any of" },
  has_all = { zh = "含有全部", en = "has all of" }, empty = { zh = "为空", en = "is empty" }, ["true"] = { zh = "成立", en = "is true" },
}
local TRUTH = { [true] = { zh = "成立", en = "true" }, [false] = { zh = "不成立", en = "false" } }
local UNKNOWN = { zh = "未知（没有这项数据）", en = "unknown (no such data)" }

local function shown(value)
  if value == nil then return "—" end
  if value == true then return { zh = "是", en = "yes" } end
  if value == false then return { zh = "否", en = "no" } end
  if type(value) == "table" then return json.encode(value) end
  if math.type(value) == "float" and value == math.floor(value) then return ("%d"):format(value) end
  return tostring(value)
end

local function title(name)
  local fact = names[name]
  return fact and { zh = fact.zh, en = fact.en } or { zh = name, en = name }
end

local function facts_view(facts)
  local list, out = {}, json.array {}
  for name in pairs(facts or {}) do list[#list + 1] = name end
  table.sort(list)
  for i, name in ipairs(list) do out[i] = { fact = name, title = title(name), value = shown(facts[name]) } end
  return out
end

local function truth(is) return is == nil and UNKNOWN or TRUTH[is] end

local function trace_view(trace)
  local out = json.array {}
  for i, rule in ipairs(trace or {}) do
    local leaves = json.array {}
    for j, leaf in ipairs(rule.leaves or {}) do
      leaves[j] = { title = title(leaf.fact), op = OPS[leaf.op] or leaf.op, want = leaf.want == nil and "" or shown(leaf.want), got = shown(leaf.got),
                    truth = truth(leaf.is), yes = leaf.is == true, at = leaf.at or "" }
    end
    out[i] = { rule = rule.rule or "—", truth = truth(rule.is), yes = rule.is == true, leaves = leaves }
  end
  return out
end

return page "GET /decisions/:id" {
  who = READERS,
  params = { id = "id!" },
  template = "why.html",
  title = { zh = "判定依据", en = "Why" },
  function(req)
    local d = rules.explain(req.params.id)
    if not d then error({ zh = "没有这条判定记录。", en = "There is no such decision." }, 0) end
    local day, hm = clock.split(d.at)
    local result = d.result or {}
    return { when = day .. " " .. hm, set_id = d.set_id, rule = d.rule or result.rule or "—", place = d.place or false, hash = (d.set_hash or ""):sub(1, 12),
             because = result.because or d.erased or false, facts = facts_view(d.facts), trace = trace_view(result.trace), by = who.names()[d.actor] or d.actor }
  end,
}
