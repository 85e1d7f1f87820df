-- What a questionnaire may not be: every problem is told in one run, each at its line.
local define = require "host.define"
local predicate = require "host.predicate"

-- The constructors report through host.define; here the reports are caught.
local problems
define.problem = function(at, zh, en) problems[#problems + 1] = { at = at, zh = zh, en = en } end

local q = require "survey.define"

local function T(text) return { zh = text, en = text } end

local function told(words)
  for _, p in ipairs(problems) do
    if p.en:find(words, 1, true) then return p end
  end
end

local function expect(words)
  local p = told(words)
  local all = {}
  for i, one in ipairs(problems) do all[i] = one.en end
  assert.truthy(p, "no problem says '" .. words .. "' but: " .. table.concat(all, " | "))
  assert.matches("define_test%.lua:%d+$", p.at)
  assert.truthy(p.zh ~= p.en and #p.zh > 0, "the sentence stands in both languages")
  return p
end

-- No tail calls here: they would take away the line that the constructors name.
local function whole(...)
  local made = q.questionnaire "x" { version = "1", about = "visit", via = "phone", title = T "x", ... }
  return made
end

local function section(id, ...)
  local made = q.section(id) { title = T(id), ... }
  return made
end

describe("a questionnaire", function()
  before_each(function() problems = {} end)

  it("without a mistake has no problem", function()
    local a = q.rate "a" { zh = "甲", en = "A" }
    local b = q.text "b" { zh = "乙", en = "B", show_if = a:le(6) }
    whole(section("s", a, b), q.unhappy { when = a:le(4) }, q.example { answers = { a = 4 }, unhappy = true })
    assert.equal(0, #problems)
  end)

  it("needs both languages everywhere", function()
    local a = q.rate "a" { zh = "甲" }
    local b = q.choice "b" { zh = "乙", en = "B", options = { { "x", zh = "一", en = "one" }, "y" } }
    q.section "s" { a, b }
    expect 'question "a" has no English text'
    expect 'option "y" has no text'
    expect 'section "s", title has no text'
  end)

  it("refuses one id twice", function()
    local a, b = q.rate "a" { zh = "甲", en = "A" }, q.text "a" { zh = "乙", en = "B" }
    whole(section("s", a), section("s", b))
    expect "question 'a' stands there twice"
    expect "section 's' stands there twice"
  end)

  it("names the question that is asked later", function()
    local a = q.rate "a" { zh = "甲", en = "A" }
    local b = q.text "b" { zh = "乙", en = "B", show_if = a:le(6) }
    whole(section("s", b, a))
    expect "which is asked later: move 'a' before it"
  end)

  it("shows the circle that conditions go in", function()
    local a = q.rate "a" { zh = "甲", en = "A", show_if = predicate.fact("c", "number"):le(3) }
    local b = q.rate "b" { zh = "乙", en = "B", show_if = a:le(3) }
    local c = q.rate "c" { zh = "丙", en = "C", show_if = b:le(3) }
    whole(section("s", a, b, c))
    assert.matches("a → c → b → a", expect("goes in a circle").en)
  end)

  it("finds a question shown by its own answer", function()
    whole(section("s", q.rate "a" { zh = "甲", en = "A", show_if = predicate.fact("a", "number"):le(3) }))
    expect "goes in a circle: a → a"
  end)

  it("knows unknown questions and options, and what was meant", function()
    local wait = q.multi "wait" { zh = "等", en = "W", options = { { "parts", zh = "配件", en = "parts" } } }
    whole(section("s", wait), q.unhappy { when = wait:has "pars" | predicate.fact("wiat", "number"):le(2) })
    expect "there is no option 'pars' (did you mean 'parts'?)"
    expect "reads question 'wiat', which is not in the questionnaire (did you mean 'wait'?)"
  end)

  it("wants weights that are numbers above nought, for all sections or none", function()
    local a = q.rate "a" { zh = "甲", en = "A", weight = "30" }
    local b = q.rate "b" { zh = "乙", en = "B", weight = 0 }
    whole(q.section "s" { title = T "s", weight = 10, a }, section("t", b))
    expect 'question "a": weight must be a number above 0, not 30'
    expect 'question "b": weight must be a number above 0, not 0'
    expect 'section "t" has no weight but others have'
  end)

  it("refuses keys it does not know, options that are none, and what stands in the wrong place", function()
    q.rate "a" { zh = "甲", en = "A", wieght = 3 }
    q.multi "b" { zh = "乙", en = "B" }
    local c = q.rate "c" { zh = "丙", en = "C" }
    whole(c)
    expect "unknown key 'wieght'"
    expect 'question "b" has no options'
    expect "questions go into a section"
    expect "it needs at least one q.section"
  end)

  it("checks the answers of its examples", function()
    local a = q.rate "a" { zh = "甲", en = "A" }
    whole(section("s", a), q.example { answers = { a = 11 } }, q.example { answers = { b = 1 } }, q.example { unhappy = "yes" })
    expect "a rating is an integer from 1 to 10"
    expect "example: question 'b' is not in the questionnaire"
    expect "q.example: unhappy must be a boolean"
    expect "q.example has no answers"
  end)

  it("runs its examples and says what came out", function()
    local a = q.rate "a" { zh = "甲", en = "A" }
    local b = q.text "b" { zh = "乙", en = "B", show_if = a:le(6) }
    local d = whole(section("s", a, b), q.unhappy { when = a:le(4), serious = a:le(2) },
      q.example { answers = { a = 3 }, unhappy = false, serious = true, score = 4, hidden = { "b" } },
      q.example { answers = { a = 2 }, unhappy = true, serious = true, score = 2, shown = { "b" } })
    assert.equal(0, #problems)
    q.check { { id = d.id, data = d.data, at = d.at } }
    expect "unhappy should be false but is true"
    expect "serious should be true but is false"
    expect "score should be 4 but is 3"
    expect "shown b should be false but is true"
    assert.equal(4, #problems)
  end)
end)
