-- Why a case was called serious: read from the recorded decision, so it says what held when it was made, not what the rules say today.
local definition = require "host.definition"
local json = require "host.json"
local rules = require "host.rules"

local M = {}

-- What no rule said but a person or the course of things did.
local BY_HAND = {
  wanted = { zh = "专员判断为严重", en = "The specialist calls it serious" },
  rounds = { zh = "一般问题多轮未解决", en = "A minor issue that several rounds did not solve" },
  raised = { zh = "由一般问题升级", en = "Raised from a minor issue" },
}
M.by_hand = BY_HAND

local function reasons(decision)
  local by = {}
  local set = decision.set_hash and definition(decision.set_hash)
  for _, r in ipairs(set and set.data.rules or {}) do by[r.id] = r.because end
  for _, r in ipairs(decision.result.rules or {}) do by[r.id] = r.because end
  return by
end

-- { because, rules = { { id, because, yes | no | unknown } } }: every rule that was asked, the ones that did not fire too.
function M.of(decision_id, rule)
  local decision = rules.explain(decision_id)
  local out = { because = BY_HAND[rule] or { zh = "规则 " .. tostring(rule), en = "Rule " .. tostring(rule) }, rules = json.array {} }
  if not decision then return out end
  local by = reasons(decision)
  out.because = BY_HAND[rule] or by[rule] or out.because
  for i, t in ipairs(decision.result.trace or {}) do
    out.rules[i] = { id = t.rule, because = by[t.rule] or t.rule, yes = t.is == true, no = t.is == false, unknown = t.is == nil }
  end
  return out
end

return M
