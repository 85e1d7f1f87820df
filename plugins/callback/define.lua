-- Two things are data here: who is not called (exclusions), and what can come out of a call (results).
--     local e = require "callback.define"
--     local v = e.facts "visit"
--     return e.exclusions "default" { version = "1.0.0",
--       e.rule "pdi" { when = v.kind:matches "PDI", kind = "no_call", because = { zh = "...", en = "..." } },
--       e.otherwise { because = { zh = "...", en = "..." } },
--       e.example { { kind = "PDI" }, rule = "pdi" } }
-- A set named like a questionnaire decides for that questionnaire; the set "default" decides for all others.

local define = require "host.define"
local predicate = require "host.predicate"
local FACTS = require "callback.fact_names"

local M = {}

local function texts_ok(t) return type(t) == "table" and type(t.zh) == "string" and type(t.en) == "string" and t.zh ~= "" and t.en ~= "" end

local function need_text(at, what, t)
  if texts_ok(t) then return end
  define.problem(at, what .. "：请写中英文 { zh = \"…\", en = \"…\" }", what .. ": needs a text in both languages { zh = \"...\", en = \"...\" }")
end

local function need_one_of(at, what, value, allowed)
  for _, v in ipairs(allowed) do
    if v == value then return end
  end
  local list = table.concat(allowed, ", ")
  define.problem(at, ("%s：只能是 %s 之一，现在是 %s"):format(what, list, tostring(value)),
    ("%s: must be one of %s, not %s"):format(what, list, tostring(value)))
end

local function check_keys(at, what, t, allowed)
  local known = {}
  for _, key in ipairs(allowed) do known[key] = true end
  for key in pairs(t) do
    if type(key) == "string" and not known[key] then
      define.problem(at, ("%s：没有“%s”这一项，可用：%s"):format(what, key, table.concat(allowed, ", ")),
        ("%s: unknown key '%s'; known: %s"):format(what, key, table.concat(allowed, ", ")))
    end
  end
end

function M.facts(subject)
  if subject ~= "visit" then
    define.fail(define.here(1), "不回访规则只有一种事实：e.facts \"visit\"", "exclusion rules know one kind of facts: e.facts \"visit\"")
  end
  local columns = {}
  for name, fact in pairs(FACTS) do columns[name] = { type = fact[1], title = { zh = fact.zh, en = fact.en } } end
  return predicate.facts("visit", columns)
end

-- ----------------------------------------------------------------------------------------------------- exclusions
-- What every rule set must have (an otherwise, no id twice, conditions that are conditions) the host itself checks.

function M.rule(id)
  return function(t)
    local at, what = define.here(1), ("rule \"%s\""):format(tostring(id))
    check_keys(at, what, t, { "when", "kind", "because", "detail" })
    need_one_of(at, what .. " kind", t.kind, { "no_call", "repeat" })
    need_text(at, what .. " because", t.because)
    if t.detail ~= nil and not FACTS[t.detail] then
      define.problem(at, ("%s：detail 指向的事实“%s”不存在"):format(what, tostring(t.detail)),
        ("%s: detail names '%s', which is no fact"):format(what, tostring(t.detail)))
    end
    return { part = "rule", at = at,
             data = { id = id, when = t.when, because = t.because, at = at, outcome = { call = false, kind = t.kind, detail = t.detail } } }
  end
end

function M.otherwise(t)
  local at = define.here(1)
  check_keys(at, "otherwise", t, { "because" })
  need_text(at, "otherwise because", t.because)
  return { part = "otherwise", at = at, because = t.because }
end

-- e.example { {facts}, rule = "pdi" } or, where the customer is to be called, rule = "otherwise".
function M.example(t)
  local at = define.here(1)
  check_keys(at, "example", t, { "rule" })
  if type(t[1]) ~= "table" or type(t.rule) ~= "string" then
    define.fail(at, "example 要写成 e.example { { kind = \"PDI\" }, rule = \"pdi\" }", "an example is written e.example { { kind = \"PDI\" }, rule = \"pdi\" }")
  end
  for name in pairs(t[1]) do
    if not FACTS[name] then
      define.problem(at, ("例子里的事实“%s”不存在"):format(tostring(name)), ("example: there is no fact '%s'"):format(tostring(name)))
    end
  end
  return { part = "example", at = at, facts = t[1], rule = t.rule }
end

-- Places of the examples of a set, for `check`; not in the data, so that a moved line is no new version.
local example_at = {}

local function add_part(data, id, part, at)
  if type(part) ~= "table" or not part.part then
    define.problem(at, "这里只能放 e.rule、e.otherwise 和 e.example", "a set holds e.rule, e.otherwise and e.example only")
  elseif part.part == "rule" then
    data.rules[#data.rules + 1] = part.data
  elseif part.part == "otherwise" then
    data.otherwise, data.otherwise_because = { call = true }, part.because
  else
    data.examples[#data.examples + 1] = { facts = part.facts, rule = part.rule }
    example_at[id][#data.examples] = part.at
  end
end

function M.exclusions(id)
  return function(t)
    local at = define.here(1)
    check_keys(at, "exclusions", t, { "version", "title" })
    local data = { hit = "first", version = t.version, title = t.title, rules = {}, examples = {} }
    example_at[id] = {}
    for _, part in ipairs(t) do add_part(data, id, part, at) end
    return define.new("exclusions", id, data, 1)
  end
end

-- -------------------------------------------------------------------------------------------------------- results

local RESULT = { "zh", "en", "group", "next", "counts", "success", "bad_phone", "no_call", "half", "finish", "unhappy", "order", "hint", "system" }

-- group: reached, not_reached, invalid. next: what becomes of the task: close, retry, promise (a time is asked for), contact_fix, person
-- (go on and ask for the right person). counts: uses one of the attempts. finish: comes from finishing the questionnaire, is no button.
function M.result(code)
  return function(t)
    local at, what = define.here(1), ("result \"%s\""):format(tostring(code))
    check_keys(at, what, t, RESULT)
    need_text(at, what, t)
    need_one_of(at, what .. " group", t.group, { "reached", "not_reached", "invalid" })
    need_one_of(at, what .. " next", t.next, { "close", "retry", "promise", "contact_fix", "person" })
    if t.unhappy ~= nil then need_one_of(at, what .. " unhappy", t.unhappy, { "faq", "minor", "serious" }) end
    if t.hint ~= nil then need_text(at, what .. " hint", t.hint) end
    local data = {}
    for key, value in pairs(t) do data[key] = value end
    data.counts, data.success, data.order = t.counts == true, t.success == true, t.order or 100
    return define.new("results", code, data, 1)
  end
end

-- ------------------------------------------------------------------------------------------- examples, by the evaluator

local function first_hit(data, facts, test)
  for _, rule in ipairs(data.rules) do
    if test(rule.when, facts) == true then return rule.id end
  end
  return "otherwise"
end

function M.check(definitions)
  local rules = require "host.rules"
  for _, d in ipairs(definitions) do
    for i, example in ipairs(d.data.examples or {}) do
      local got = first_hit(d.data, example.facts, rules.test)
      if got ~= example.rule then
        define.problem((example_at[d.id] or {})[i] or d.at, ("例子不成立：应由“%s”决定，实际是“%s”"):format(example.rule, got),
          ("the example does not come out: rule '%s' should decide, but it is '%s'"):format(example.rule, got))
      end
    end
  end
end

return M
