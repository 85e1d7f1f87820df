-- What exclusion sets and results may not be, and that their examples run.
local define = require "host.define"

local problems
define.problem = function(at, zh, en) problems[#problems + 1] = { at = at, zh = zh, en = en } end

local e = require "callback.define"
local v = e.facts "visit"

local BECAUSE = { zh = "甲", en = "A" }

local function expect(words)
  local all = {}
  for i, p in ipairs(problems) do
    if p.en:find(words, 1, true) then return p end
    all[i] = p.en
  end
  assert.is_true(false, "no problem says '" .. words .. "' but: " .. table.concat(all, " | "))
end

local function set(...)
  local made = e.exclusions "x" { version = "1", ... }
  return made
end

describe("an exclusion set", function()
  before_each(function() problems = {} end)

  it("without a mistake has no problem, and its examples come out", function()
    local d = set(e.rule "big" { when = v.amount:gt(100), kind = "no_call", because = BECAUSE }, e.otherwise { because = BECAUSE },
      e.example { { amount = 101 }, rule = "big" }, e.example { { amount = 100 }, rule = "otherwise" }, e.example { {}, rule = "otherwise" })
    e.check { { id = d.id, data = d.data, at = d.at } }
    assert.equal(0, #problems)
  end)

  it("says which rule decided where an example does not come out", function()
    local d = set(e.rule "big" { when = v.amount:gt(100), kind = "no_call", because = BECAUSE }, e.otherwise { because = BECAUSE },
      e.example { { amount = 100 }, rule = "big" })
    e.check { { id = d.id, data = d.data, at = d.at } }
    expect "rule 'big' should decide, but it is 'otherwise'"
  end)

  it("knows its facts, kinds and keys", function()
    assert.error_matches(function() return v.ammount end, "amount")
    assert.error_matches(function() return e.facts "sale" end, "visit")
    e.rule "a" { when = v.amount:gt(1), kind = "nocall", because = { zh = "甲" }, detail = "x", foo = 1 }
    expect "kind: must be one of no_call, repeat, not nocall"
    expect "because: needs a text in both languages"
    expect "detail names 'x', which is no fact"
    expect "unknown key 'foo'"
    e.example { { ammount = 1 }, rule = "a" }
    expect "there is no fact 'ammount'"
    set(e.otherwise { because = BECAUSE }, "nonsense")
    expect "a set holds e.rule, e.otherwise and e.example only"
  end)

  it("checks results", function()
    e.result "X" { zh = "甲", group = "reached", next = "nowhere", unhappy = "very" }
    expect "needs a text in both languages"
    expect "next: must be one of close, retry, promise, contact_fix, person, not nowhere"
    expect "unhappy: must be one of faq, minor, serious, not very"
  end)
end)
