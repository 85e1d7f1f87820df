-- Sheets: answers kept at once, conditions, scores, the version a sheet was asked with.
local db = require "host.db"
local json = require "host.json"
local definition = require "host.definition"
local reckon = require "survey.reckon"
local sheets = require "survey.sheets"

local function start() return sheets.start { questionnaire = "service-phone", subject = { "visit", 1 } } end

local function item(view, id)
  for _, section in ipairs(view.sections) do
    for _, it_ in ipairs(section.items) do
      if it_.id == id then return it_ end
    end
  end
end

local function constant(value) return function() return value end end

-- Another version of the questionnaire as it stood this morning: same questions, another title of the first.
local function older()
  local d = definition("questionnaires", "service-phone")
  d.data.sections[1].items[1].title = { zh = "早上的问法", en = "This morning's wording" }
  d.version, d.hash = "0.9.0", "older"
  db.run([[INSERT INTO host_definition (hash, point, id, version, plugin, plugin_version, place, body, first_seen)
           VALUES ('older', 'questionnaires', 'service-phone', '0.9.0', 'changan', '0.9.0', 'x:1', ?, 1)]], json.encode(d))
end

describe("an answer", function()
  before_each(function()
    test.now("2026-11-21T09:00")
    test.as("li", { "specialist" })
  end)

  it("is in the store when answer returns, and once only", function()
    local id = start()
    sheets.answer(id, "env_tidy", "8")
    sheets.answer(id, "env_tidy", "8")
    local row = db.one("SELECT number, changes FROM survey_answer WHERE sheet_id = ?", id)
    assert.equal(8.0, row.number)
    assert.equal(0, row.changes)
    sheets.answer(id, "env_tidy", 9)
    assert.equal(1, db.one("SELECT changes FROM survey_answer WHERE sheet_id = ?", id).changes)
    assert.equal(9, item(sheets.sheet(id), "env_tidy").value)
  end)

  it("refuses what cannot be", function()
    local id = start()
    for _, bad in ipairs { "0", "11", "7.5", "viel", "" } do
      if bad ~= "" then assert.error_matches(function() sheets.answer(id, "env_tidy", bad) end, "1 到 10") end
    end
    assert.error_matches(function() sheets.answer(id, "received", "maybe") end, "不确定")
    assert.error_matches(function() sheets.answer(id, "nothing", "8") end, "没有这道题")
    assert.error_matches(function() sheets.answer(id, "remark", ("很"):rep(2001)) end, "2000")
    assert.error_matches(function() sheets.answer(id, "remark", "\xff\xfe") end, "编码")
    assert.equal(0, db.one("SELECT COUNT(*) AS n FROM survey_answer").n)
  end)

  it("keeps text and reasons sealed", function()
    local id = start()
    sheets.answer(id, "remark", "洗车再干净些")
    sheets.answer(id, "duration", 5, "等了三个小时")
    local rows = db.all("SELECT text_sealed, reason_sealed, word FROM survey_answer WHERE sheet_id = ?", id)
    for _, row in ipairs(rows) do
      assert.is_nil(row.word)
      for _, blob in ipairs { row.text_sealed or "", row.reason_sealed or "" } do assert.is_nil(tostring(blob):find("等了", 1, true)) end
    end
    assert.equal("洗车再干净些", item(sheets.sheet(id), "remark").value)
    assert.equal("等了三个小时", item(sheets.sheet(id), "duration").reason)
  end)

  it("shows what follows from it, and hides it again without losing it", function()
    local id = start()
    assert.is_false(item(sheets.sheet(id), "slow").shown)
    assert.error_matches(function() sheets.answer(id, "slow", "parts") end, "不需要问")
    local view = sheets.answer(id, "duration", 6)
    assert.is_true(item(view, "slow").shown)
    assert.is_true(item(view, "duration").ask_reason)
    sheets.answer(id, "slow", "parts,queue")
    assert.same({ "parts", "queue" }, item(sheets.sheet(id), "slow").value)
    view = sheets.answer(id, "duration", 8)
    assert.is_false(item(view, "slow").shown)
    assert.is_false(item(view, "duration").ask_reason)
    assert.is_nil(sheets.outcome(id).facts.slow)
    view = sheets.answer(id, "duration", 6)
    assert.same({ "parts", "queue" }, item(view, "slow").value)
  end)

  it("asks the reason at seven and not at eight", function()
    local id = start()
    assert.is_true(item(sheets.answer(id, "parts", 7), "parts").ask_reason)
    assert.is_false(item(sheets.answer(id, "parts", 8), "parts").ask_reason)
    assert.is_true(item(sheets.answer(id, "solved", "no"), "solved").ask_reason)
  end)

  it("can be taken back", function()
    local id = start()
    sheets.answer(id, "env_tidy", 3)
    local view = sheets.clear(id, "env_tidy")
    assert.is_nil(item(view, "env_tidy").value)
    assert.equal(0, view.answered)
    assert.is_false(view.unhappy)
  end)
end)

describe("a sheet", function()
  before_each(function()
    test.now("2026-11-21T09:00")
    test.as("li", { "specialist" })
    older()
  end)

  it("keeps the version it was asked with, whatever is in force", function()
    local id = start()
    db.run("UPDATE survey_sheet SET definition_hash = 'older', version = '0.9.0' WHERE id = ?", id)
    sheets.answer(id, "env_tidy", 8)
    assert.is_false(sheets.renew(id))
    local view = sheets.sheet(id)
    assert.equal("0.9.0", view.version)
    assert.equal("早上的问法", view.sections[1].items[1].title.zh)
  end)

  it("takes the new version while nothing is answered", function()
    local id = start()
    db.run("UPDATE survey_sheet SET definition_hash = 'older', version = '0.9.0' WHERE id = ?", id)
    assert.equal("早上的问法", sheets.sheet(id).sections[1].items[1].title.zh)
    assert.is_true(sheets.renew(id))
    assert.not_equal("早上的问法", sheets.sheet(id).sections[1].items[1].title.zh)
    assert.is_false(sheets.renew(id))
  end)

  it("closes once, with score and section means, and opens again with a reason", function()
    local id = start()
    for name, value in pairs { env_tidy = 8, env_hours = 9, diagnosis = 10 } do sheets.answer(id, name, value) end
    local got = sheets.close(id)
    assert.near((15 * 8.5 + 30 * 10) / 45, got.score, 1e-9)
    local means = {}
    for _, row in ipairs(db.all("SELECT section, mean, rated FROM survey_section_score WHERE sheet_id = ?", id)) do means[row.section] = row end
    assert.equal(8.5, means.environment.mean)
    assert.is_nil(means.charges.mean)
    assert.error_matches(function() sheets.answer(id, "env_tidy", 9) end, "更正")
    assert.error_matches(function() sheets.close(id) end, "更正")
    assert.error_matches(function() sheets.reopen(id, " ") end, "原因")
    sheets.reopen(id, "记错一项")
    sheets.answer(id, "env_tidy", 9)
    assert.equal(1, db.one("SELECT COUNT(*) AS n FROM host_audit WHERE what = 'sheet.reopen'").n)
  end)

  it("says who is unhappy and what about, the worst first", function()
    local id = start()
    sheets.answer(id, "parts", 7, "有点贵")
    sheets.answer(id, "duration", 4)
    sheets.answer(id, "attitude", 2)
    local got = sheets.outcome(id)
    assert.is_true(got.unhappy)
    assert.is_true(got.serious)
    assert.equal("attitude", got.problems[1].item)
    assert.equal("duration", got.problems[2].item)
    assert.equal("有点贵", got.problems[3].reason)
  end)

  it("refuses a questionnaire that nobody ships", function()
    assert.error_matches(function() sheets.start { questionnaire = "none", subject = { "visit", 1 } } end, "none")
  end)
end)

describe("the score", function()
  local function q(sections)
    local out = { sections = {} }
    for i, s in ipairs(sections) do
      local items = {}
      for j, w in ipairs(s.items) do items[j] = { id = ("i%d_%d"):format(i, j), kind = "rate", title = {}, weight = w } end
      out.sections[i] = { id = "s" .. i, weight = s.weight, items = items }
    end
    return out
  end

  it("is 8.57 for the example of B5", function()
    local got = reckon.run(q { { weight = 15, items = { 1 } }, { weight = 30, items = { 1 } }, { weight = 30, items = { 1 } },
      { weight = 15, items = { 1 } }, { weight = 10, items = { 1 } } },
      { i1_1 = 8.4, i2_1 = 8.8, i3_1 = 9.1, i4_1 = 7.6, i5_1 = 8.0 }, constant(nil))
    assert.near(8.57, got.score, 1e-9)
  end)

  it("divides by the sum of weights, not by a hundred", function()
    local got = reckon.run(q { { weight = 24, items = { 1 } }, { weight = 21, items = { 1 } }, { weight = 21, items = { 1 } },
      { weight = 18, items = { 1 } }, { weight = 17, items = { 1 } } },
      { i1_1 = 8.6, i2_1 = 8.2, i3_1 = 8.4, i4_1 = 9.0, i5_1 = 7.8 }, constant(nil))
    assert.near(8.4119, got.score, 0.0001)
  end)

  it("weighs items within a section and leaves out what was not rated", function()
    local got = reckon.run(q { { weight = 1, items = { 30, 10 } }, { weight = 1, items = { 1 } } }, { i1_1 = 10, i1_2 = 6 }, constant(nil))
    assert.equal(9.0, got.score)
    assert.is_nil(reckon.run(q { { weight = 1, items = { 1 } } }, {}, constant(nil)).score)
  end)
end)
