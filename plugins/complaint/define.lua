-- Constructors of the point `severity`. A set looks at the facts below; every rule that is true counts and the worst level wins.
--
--   local s = require "complaint.define"
--   local c = s.facts "complaint"
--   return s.severity "ours" { version = "1.0.0",
--     s.rule "safety" { when = c.text:matches "刹车失灵|自燃", level = "serious", because = { zh = "涉及安全", en = "Safety" } },
--     s.otherwise { level = "minor" },
--     s.example { { text = "刹车失灵" }, level = "serious", rule = "safety" },
--   }
local define = require "host.define"
local predicate = require "host.predicate"

local M = {}
-- Places of a set's examples, for M.check. Not in the data: a moved line is no new version.
local example_at = {}

-- From harmless to grave. A set may name only these.
M.levels = { "faq", "minor", "serious" }

-- What a rule may look at; the titles are for the reference and for the console's "why".
M.columns = {
  text = { type = "text", title = { zh = "客户的问题原话", en = "What the customer complains about, in his words" } },
  lowest_score = { type = "number", title = { zh = "本次问卷中最低的一项评分（1-10）", en = "The lowest rating of this questionnaire (1-10)" } },
  asked_manager = { type = "bool", title = { zh = "客户要求找经理或领导", en = "The customer asks for a manager" } },
  same_matter_count = {
    type = "number",
    title = {
      zh = "同一辆车、同类问题、期限内第几次（含本次）；没有选问题类别时未知",
      en = "How often this car had a like problem within the limit, this one included; unknown without topics",
    },
  },
  department = { type = "text", title = { zh = "责任部门（service 为售后）", en = "The department concerned (service is after-sales)" } },
  topics = { type = "list", title = { zh = "问题类别", en = "Topics of the problem" } },
  source = { type = "text", title = { zh = "来源，例如 phone-service", en = "Where it was heard, e.g. phone-service" } },
  survey_serious = { type = "bool", title = { zh = "问卷自身判为严重", en = "The questionnaire itself calls it serious" } },
  wanted = {
    type = "text",
    title = { zh = "专员选择的处理方式（faq、minor、serious）", en = "What the specialist chose (faq, minor, serious)" },
  },
}

local RULE = { when = "predicate", level = "string!", because = "text" }
local OTHERWISE = { level = "string!", because = "text" }

function M.facts(subject)
  if subject ~= "complaint" then
    define.fail(define.here(1), '严重程度规则只有一种事实："complaint"', 'severity rules know one kind of facts: "complaint"')
  end
  return predicate.facts("complaint", M.columns)
end

local function rank(level)
  for i, known in ipairs(M.levels) do
    if known == level then return i end
  end
end

local function check_level(at, what, level)
  if level ~= nil and not rank(level) then
    define.problem(at, what .. "：没有级别“" .. tostring(level) .. "”，可用 faq、minor、serious",
      what .. ": unknown level '" .. tostring(level) .. "' (known: faq, minor, serious)")
  end
end

function M.rule(id)
  return function(t)
    local at = define.here(1)
    define.check(at, 'rule "' .. tostring(id) .. '"', t, RULE)
    check_level(at, 'rule "' .. tostring(id) .. '"', t.level)
    return { kind = "rule", id = id, when = t.when, outcome = { level = t.level }, because = t.because, at = at }
  end
end

function M.otherwise(t)
  local at = define.here(1)
  define.check(at, "otherwise", t, OTHERWISE)
  check_level(at, "otherwise", t.level)
  return { kind = "otherwise", outcome = { level = t.level }, because = t.because, at = at }
end

-- s.example { {facts}, level = "serious", rule = "safety" }: checked each time the set is loaded.
function M.example(t)
  local at = define.here(1)
  if type(t[1]) ~= "table" or not rank(t.level) then
    define.fail(at, "example 需要一张事实表和 level", "an example needs a table of facts and a level")
  end
  return { kind = "example", facts = t[1], level = t.level, rule = t.rule, at = at }
end

local function sort_part(data, places, part, at)
  if type(part) ~= "table" or not part.kind then
    define.fail(at, "规则集里只能放 rule、otherwise、example", "a severity set holds only rule, otherwise and example")
  elseif part.kind == "rule" then
    data.rules[#data.rules + 1] = {
      id = part.id, when = part.when, outcome = part.outcome, because = part.because, at = part.at,
    }
  elseif part.kind == "example" then
    data.examples[#data.examples + 1] = { facts = part.facts, level = part.level, rule = part.rule }
    places[#places + 1] = part.at
  else
    data.otherwise = part.outcome
    data.otherwise_because = part.because
  end
end

function M.severity(id)
  return function(t)
    local at = define.here(1)
    local data = { hit = "all", version = t.version, title = t.title, rules = {}, examples = {} }
    for key in pairs(t) do
      if type(key) == "string" and key ~= "version" and key ~= "title" then
        define.problem(at, "规则集没有键“" .. key .. "”", "a severity set has no key '" .. key .. "'")
      end
    end
    example_at[id] = {}
    for _, part in ipairs(t) do sort_part(data, example_at[id], part, at) end
    if not data.otherwise then
      define.problem(at, "规则集缺少 otherwise：没有规则命中时按哪一级处理？",
        "the set has no otherwise: which level counts when no rule hits?")
    end
    return define.new("severity", id, data, 1)
  end
end

-- The worst level of the rules that are true, and the first rule of that level.
local function run(set, facts, test)
  local level, rule = set.otherwise.level, "otherwise"
  for _, r in ipairs(set.rules) do
    local hit = r.when == nil or test(r.when, facts) == true
    if hit and (rule == "otherwise" or rank(r.outcome.level) > rank(level)) then level, rule = r.outcome.level, r.id end
  end
  return level, rule
end

-- Called by the host once everything is frozen: a set whose own examples do not come out never gets into force.
function M.check(definitions)
  local rules = require "host.rules"
  for _, d in ipairs(definitions) do
    for i, example in ipairs(d.data.otherwise and d.data.examples or {}) do
      local level, rule = run(d.data, example.facts, rules.test)
      if level ~= example.level or example.rule and example.rule ~= rule then
        define.problem((example_at[d.id] or {})[i] or d.at,
          ("例子不成立：应为 %s（%s），实际为 %s（%s）"):format(example.level, example.rule or "—", level, rule),
          ("the example does not come out: %s (%s) expected, %s (%s) found"):format(example.level, example.rule or "-", level, rule))
      end
    end
  end
end

return M
