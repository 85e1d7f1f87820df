-- What is changed afterwards: undo, corrections, work that moves to somebody else.
local db = require "host.db"
local clock = require "host.clock"
local survey = require "survey"
local vault = require "host.vault"
local calls = require "callback.calls"
local moves = require "callback.moves"
local window = require "callback.window"
local fixture = require "callback.tests.fixture"
local desk = require "callback.tests.desk"(test)

local GOOD, wang, zhao, state, answered, attempts, begin, fail_at =
  desk.GOOD, desk.wang, desk.zhao, desk.state, desk.answered, desk.attempts, desk.begin, desk.fail_at

describe("undo", function()
  before_each(function() begin() end)

  it("puts back the task, the sheet and the claim, and keeps the row", function()
    local id, sheet = answered(1, GOOD)
    calls.finish(id, {})
    calls.undo(id)
    local task = fixture.task(1)
    assert.equal("open", task.state)
    assert.is_nil(task.result)
    assert.is_nil(task.first_attempt_on)
    assert.equal("li", task.claimed_by)
    assert.is_false(survey.sheet(sheet).closed)
    assert.equal(9, survey.sheet(sheet).sections[1].items[1].value)
    assert.equal(1, attempts(1))
    assert.truthy(db.one("SELECT undone_at FROM call_attempt").undone_at)
    assert.error_matches(function() calls.undo(id) end, "没有可以撤销")
  end)

  it("takes the third attempt off the contact-data list, and the attempts go on from two", function()
    fail_at(1, "2026-11-21T09:00")
    fail_at(1, "2026-11-21T11:30")
    fail_at(1, "2026-11-21T14:00")
    calls.undo(fixture.task(1).id)
    assert.equal("open", state(1))
    assert.equal(2, fixture.task(1).attempts)
    assert.equal(0, db.one("SELECT COUNT(*) AS n FROM call_contact_fix").n)
    assert.equal("contact_fix", fail_at(1, "2026-11-21T14:30").state)
  end)

  it("withdraws the form that the result opened", function()
    local id = answered(1, { attitude = 1 })
    calls.finish(id, { how = "serious" })
    calls.undo(id)
    assert.equal("open", state(1))
    assert.equal(0, db.one("SELECT COUNT(*) AS n FROM complaint_form WHERE state <> 'closed'").n)
  end)

  it("is for who recorded it or the supervisor, on the same day", function()
    local id = answered(1)
    calls.result(id, { code = "REFUSED" })
    wang()
    assert.error_matches(function() calls.undo(id) end, "自己")
    zhao()
    test.now("2026-11-22T09:00")
    assert.error_matches(function() calls.undo(id) end, "当天")
    test.now("2026-11-21T18:00")
    calls.undo(id)
    assert.equal("open", state(1))
  end)
end)

describe("a correction", function()
  before_each(function() begin() end)

  it("needs a reason and keeps before and after", function()
    local id = answered(1)
    calls.result(id, { code = "REFUSED" })
    assert.error_matches(function() calls.correct(id, { reason = "  " }) end, "原因")
    assert.error_matches(function() calls.correct(id, { reason = "选错", result = "OK_SAT" }) end, "答卷")
    assert.error_matches(function() calls.correct(id, { reason = "选错", result = "NEVER" }) end, "答卷")
    calls.correct(id, { reason = "客户又打来，愿意回访" })
    assert.equal("open", state(1))
    local row = db.one "SELECT * FROM call_correction"
    assert.equal("客户又打来，愿意回访", vault.open("call_correction", "reason_sealed", row.id, row.reason_sealed))
    assert.matches("REFUSED", row.before)
    assert.equal(1, db.one("SELECT COUNT(*) AS n FROM host_audit WHERE what = 'call.correct'").n)
    assert.equal("—", row.reason)
    local shown = window.view(db.one("SELECT * FROM call_task WHERE id = ?", id), false).corrected
    assert.same({ "客户又打来，愿意回访" }, { shown[1].reason })
    assert.same({ zh = "重新打开", en = "opened again" }, shown[1].to)
    for _, act in ipairs(db.all "SELECT detail FROM host_audit") do assert.is_nil((act.detail or ""):find("愿意", 1, true)) end
  end)

  it("opens a closed sheet again, and it is finished anew", function()
    local id, sheet = answered(1, GOOD)
    calls.finish(id, {})
    calls.correct(id, { reason = "记错一项" })
    survey.answer(sheet, "env_tidy", 8)
    calls.finish(id, {})
    assert.equal("done", state(1))
    assert.near(8.95, survey.sheet(sheet).score, 0.001)
  end)

  it("does not open a second form for the same customer", function()
    local id = answered(1, { attitude = 1 })
    calls.finish(id, { how = "serious" })
    calls.correct(id, { reason = "漏记一项" })
    assert.equal("OK_DIS_SERIOUS", calls.finish(id, { how = "serious" }).code)
    assert.equal(1, db.one("SELECT COUNT(*) AS n FROM complaint_form").n)
  end)

  it("is not for colleagues", function()
    local id = answered(1)
    calls.result(id, { code = "REFUSED" })
    wang()
    assert.error_matches(function() calls.correct(id, { reason = "x" }) end, "自己")
  end)
end)

describe("moving work", function()
  before_each(function() begin() end)

  it("moves what the preview counted, and not the call in hand", function()
    calls.result(answered(1), { code = "LATER", at = clock.at("2026-11-22", "10:00") })
    calls.result(answered(2), { code = "LATER", at = clock.at("2026-11-22", "11:00") })
    window.open(fixture.task(2).id)
    zhao()
    local o = { from = "li", to = "wang", which = "open" }
    assert.equal(1, moves.count(o))
    assert.error_matches(function() moves.move { from = "li", to = "wang", which = "open", expect = 2 } end, "预览")
    o.expect = 1
    assert.equal(1, moves.move(o))
    assert.equal("wang", fixture.task(1).assigned_to)
    assert.equal("li", fixture.task(2).assigned_to)
    assert.error_matches(function() moves.count { from = "li", to = "sun", which = "open" } end, "专员")
  end)
end)
