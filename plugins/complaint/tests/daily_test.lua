-- The header and block 1 of daily report 05, over rows as the calls leave them.
local archive = require "archive"
local clock = require "host.clock"
local db = require "host.db"
local daily = require "complaint.daily"
local fixture = require "complaint.fixture"

local serial, phone

local function task(o)
  serial = serial + 1
  local id = db.id()
  db.run([[INSERT INTO call_task (id, no, visit_id, questionnaire, due_on, state, attempts, assigned_to, result, closed_at, decision_id, facts_hash,
    made_at) VALUES (?, ?, ?, 'service-phone', ?, ?, 1, ?, ?, ?, 1, 'h', 1)]], id, "T" .. serial, fixture.visit(serial), o.due or "2026-11-20",
    o.state or "open", o.assigned, o.result, o.closed and clock.at(o.closed, "11:00") or nil)
  return id
end

local function attempt(id, at, result, caller, undone)
  db.run([[INSERT INTO call_attempt (id, task_id, at, caller, phone_id, result, counts, before, undone_at)
    VALUES (?, ?, ?, ?, ?, ?, 1, '{}', ?)]], db.id(), id, clock.at(at:sub(1, 10), at:sub(12)), caller or "li", phone, result, undone and 1 or nil)
end

describe("the header of 05", function()
  before_each(function()
    test.now("2026-11-20T18:00")
    fixture.staff(test)
    serial = 0
    fixture.visit(1)
    phone = db.one("SELECT id FROM archive_phone").id
  end)

  it("counts a call once, with its last result of the day", function()
    local a = task { state = "done", assigned = "li", result = "OK_SAT", closed = "2026-11-20" }
    attempt(a, "2026-11-20T09:00", "NO_ANSWER")
    attempt(a, "2026-11-20T11:00", "OK_SAT")
    attempt(task { assigned = "li" }, "2026-11-20T10:00", "LATER")
    attempt(task { assigned = "li" }, "2026-11-20T10:10", "REFUSED", "li", true)
    attempt(task { assigned = "wang" }, "2026-11-20T10:20", "OK_DIS_MINOR", "wang")
    attempt(task { assigned = "li", due = "2026-11-19" }, "2026-11-19T10:20", "BUSY")
    local h = daily.report("2026-11-20", "li").header
    assert.same({ due = 4, attempted = 2, reached = 2, satisfied = 1, unhappy = 0, refused = 0, later = 1, bad = 0 }, h)
    local all = daily.report("2026-11-20", nil).header
    assert.equal(3, all.attempted)
    assert.equal(1, all.unhappy)
    assert.equal(5, all.due)
  end)

  it("does not count as due what was done before or comes later", function()
    task { state = "done", assigned = "li", closed = "2026-11-19" }
    task { due = "2026-11-21" }
    task {}
    assert.equal(1, daily.report("2026-11-20", "li").header.due)
    assert.equal(1, daily.report("2026-11-20", "wang").header.due)
  end)

  it("shows a bad contact with its tries, the advisor's reply, the new number and the next call", function()
    local id = task { state = "contact_fix", assigned = "li" }
    attempt(id, "2026-11-20T09:00", "NO_ANSWER")
    attempt(id, "2026-11-20T11:30", "EMPTY_NO")
    local opened = clock.at("2026-11-20", "11:30")
    db.run([[INSERT INTO call_contact_fix (id, task_id, day, reason, advisor, answer_due, opened_at, answered_at, answered_by, reply)
      VALUES (?, ?, '2026-11-20', 'EMPTY_NO', 'sun', ?, ?, ?, 'sun', '换号了')]], db.id(), id, opened, opened, opened + 3600000)
    local customer = db.one("SELECT customer_id FROM archive_phone").customer_id
    archive.add_number(customer, "13800000001", "advisor")
    attempt(id, "2026-11-21T10:00", "OK_SAT")
    local r = daily.report("2026-11-20", "li")
    assert.equal(1, #r.bad)
    local b = r.bad[1]
    assert.equal(2, #b.tried)
    assert.equal("138****0000", b.tried[1].number)
    assert.equal("空号", b.reason.zh)
    assert.equal("换号了", b.reply)
    assert.equal("138****0001", b.new_number)
    assert.equal("满意", b.later.result.zh)
    assert.equal(0, #daily.report("2026-11-20", "wang").bad)
    assert.equal(1, r.header.bad)
  end)

  it("shows an advisor his own lines only", function()
    local id = task { state = "contact_fix", assigned = "li" }
    attempt(id, "2026-11-20T09:00", "EMPTY_NO")
    db.run([[INSERT INTO call_contact_fix (id, task_id, day, reason, advisor, answer_due, opened_at)
      VALUES (?, ?, '2026-11-20', 'EMPTY_NO', 'sun', 1, ?)]], db.id(), id, clock.at("2026-11-20", "09:00"))
    test.as("sun", { "advisor" })
    assert.equal(1, #daily.report("2026-11-20", nil).bad)
    test.as("qian", { "advisor" })
    assert.equal(0, #daily.report("2026-11-20", nil).bad)
  end)
end)
