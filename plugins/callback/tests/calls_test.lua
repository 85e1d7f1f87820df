-- Claims, results, the three attempts.
local db = require "host.db"
local clock = require "host.clock"
local archive = require "archive"
local survey = require "survey"
local calls = require "callback.calls"
local claims = require "callback.claims"
local contact = require "callback.contact"
local due = require "callback.due"
local tasks = require "callback.tasks"
local window = require "callback.window"
local fixture = require "callback.tests.fixture"
local desk = require "callback.tests.desk"(test)

local GOOD, li, wang, zhao, state, answered, attempts, begin, fail_at =
  desk.GOOD, desk.li, desk.wang, desk.zhao, desk.state, desk.answered, desk.attempts, desk.begin, desk.fail_at

describe("a claim", function()
  before_each(function() begin() end)

  it("is won by one of two, and the other reads by whom", function()
    local id = fixture.task(1).id
    local _, mine = window.open(id)
    assert.is_true(mine)
    wang()
    local task, hers = window.open(id)
    assert.is_false(hers)
    local holder = claims.holder(task)
    assert.equal("李娜", holder.name)
    assert.equal("09:15", holder.till)
    assert.error_matches(function() calls.result(id, { code = "REFUSED" }) end, "李娜")
    assert.equal("open", state(1))
    assert.equal(0, attempts(1))
  end)

  it("runs out after fifteen minutes and each act renews it", function()
    local id = fixture.task(1).id
    window.open(id)
    test.now("2026-11-21T09:10")
    claims.need(id)
    wang()
    test.now("2026-11-21T09:24")
    assert.is_false((claims.take(id)))
    test.now("2026-11-21T09:26")
    assert.is_true((claims.take(id)))
    li()
    assert.error_matches(function() claims.need(id) end, "王芳")
  end)

  it("shows in a colleague's list by whom, and the next call passes it over", function()
    window.open(fixture.task(1).id)
    wang()
    local list = tasks.list("due", "wang", 1)
    assert.equal(2, list.total)
    assert.equal("李娜", list.rows[1].claimed.by)
    assert.equal(fixture.task(2).id, tasks.next("wang"))
  end)

  it("follows the list: the next call is the first row that can be called", function()
    fixture.orders { { 3, { preferred = "09:30" } } }
    due.run "2026-11-21"
    assert.equal(fixture.task(3).no, tasks.list("due", "li", 1).rows[1].no, "who said when he likes to be called stands first")
    assert.equal(fixture.task(3).id, tasks.next "li")
  end)

  it("is taken by a supervisor with the button, not by looking", function()
    zhao()
    local id = fixture.task(1).id
    local _, mine = window.open(id)
    assert.is_false(mine)
    claims.need(id)
    _, mine = window.open(id)
    assert.is_true(mine)
  end)

  it("is given back", function()
    local id = fixture.task(1).id
    window.open(id)
    claims.release(id)
    wang()
    assert.is_true((claims.take(id)))
  end)

  it("opens numbers for its holder only", function()
    local task, mine = window.open(fixture.task(1).id)
    assert.equal("13910000007", window.view(task, mine).people[1].phones[1].number)
    wang()
    task, mine = window.open(fixture.task(1).id)
    assert.equal("139****0007", window.view(task, mine).people[1].phones[1].number)
    assert.equal("测**", window.view(task, mine).people[1].name)
  end)
end)

describe("a satisfied customer", function()
  before_each(function() begin() end)

  it("closes the call and the sheet", function()
    local id, sheet = answered(1, GOOD)
    assert.equal("OK_SAT", calls.finish(id, {}).code)
    local task = fixture.task(1)
    assert.equal("done", task.state)
    assert.equal("OK_SAT", task.result)
    assert.equal("2026-11-21", task.first_attempt_on)
    assert.equal("li", task.assigned_to)
    assert.is_nil(task.claimed_by)
    assert.is_true(survey.sheet(sheet).closed)
    assert.error_matches(function() calls.finish(id, {}) end, "更正")
  end)

  it("is not finished without an answer", function()
    local id = answered(1)
    assert.error_matches(function() calls.finish(id, {}) end, "还没有回答")
    assert.equal("open", state(1))
  end)
end)

describe("a call that was hardly begun", function()
  before_each(function() begin() end)

  it("is not finished as satisfied on less than half of the answers", function()
    local id, sheet = answered(1, { env_tidy = 9, attitude = 9 })
    assert.error_matches(function() calls.finish(id, {}) end, "不到一半")
    assert.equal("open", state(1))
    assert.is_false(survey.sheet(sheet).closed)
  end)
end)

describe("an unhappy customer", function()
  before_each(function() begin() end)

  it("is not closed before somebody says what happens", function()
    local id = answered(1, { duration = 4 })
    assert.error_matches(function() calls.finish(id, {}) end, "处理方式")
    assert.equal("open", state(1))
  end)

  it("is solved on the phone, minor, or serious as the rules say", function()
    local id = answered(1, { duration = 4 })
    assert.equal("OK_DIS_FAQ", calls.finish(id, { how = "faq", problem = "等得有点久，已解释" }).code)
    id = answered(2, { duration = 4 })
    assert.equal("OK_DIS_MINOR", calls.finish(id, { how = "minor" }).code)
    assert.equal(1, db.one("SELECT COUNT(*) AS n FROM complaint_minor").n)
  end)

  it("cannot be called minor where the rules see a serious case", function()
    local id = answered(1, { attitude = 2 })
    local done = calls.finish(id, { how = "minor" })
    assert.equal("OK_DIS_SERIOUS", done.code)
    assert.matches("^03%-20261121%-%d+$", done.complaint.no)
    assert.equal(1, db.one("SELECT COUNT(*) AS n FROM complaint_form WHERE task_id = ?", id).n)
  end)

  it("hands over reasons as the problem where nothing was written", function()
    local task = window.open(fixture.task(1).id)
    survey.answer(task.sheet_id, "duration", 4, "等了一下午")
    assert.equal("维修所用的时间 4 分（等了一下午）", calls.problem_text(survey.outcome(task.sheet_id)))
  end)

  it("opens a form from a complaint in a call that went well so far", function()
    local id = answered(1, GOOD)
    assert.equal("COMPLAINT", calls.finish(id, { how = "complaint", problem = "上次的配件是旧的" }).code)
  end)
end)

describe("the numbers of the list", function()
  before_each(function() begin() end)

  it("are the team's for who answers for others, and one's own and the pool's for a specialist", function()
    calls.result(fixture.task(1).id, { code = "NO_ANSWER", phone = fixture.phones(1)[1] })
    wang()
    assert.equal(1, tasks.tallies("wang").due)
    zhao()
    assert.equal(2, tasks.tallies("zhao").due, "the badge says what the supervisor's list shows")
    assert.equal(tasks.list("due", nil, 1).total, tasks.tallies("zhao").due)
  end)
end)

describe("other results", function()
  before_each(function() begin() end)

  it("another time uses no attempt and pops up when its time is near", function()
    local id = answered(1)
    assert.error_matches(function() calls.result(id, { code = "LATER" }) end, "时间")
    assert.error_matches(function() calls.result(id, { code = "LATER", at = clock.at("2026-11-21", "08:00") }) end, "过去")
    calls.result(id, { code = "LATER", at = clock.at("2026-11-21", "14:30") })
    local task = fixture.task(1)
    assert.equal("promised", task.state)
    assert.equal(0, task.attempts)
    assert.equal(0, #tasks.reminders("li"))
    test.now("2026-11-21T14:26")
    assert.equal(1, #tasks.reminders("li"))
    assert.equal(id, tasks.next("li") == id and id or fixture.task(2).id == tasks.next("li") and id)
    test.now("2026-11-21T14:31")
    assert.equal(id, tasks.next("li"))
    assert.equal(2, tasks.tallies("li").overdue + tasks.tallies("li").due, "the promise is late, the other is due")
  end)

  it("refused closes and is no success", function()
    local id = answered(1)
    calls.result(id, { code = "REFUSED" })
    assert.equal("done", state(1))
    assert.equal("REFUSED", fixture.task(1).result)
  end)

  it("never again flags the person, and undo takes the flag back", function()
    local id = answered(1)
    calls.result(id, { code = "NEVER", phone = fixture.phones(1)[1] })
    assert.equal(1, db.one("SELECT no_call FROM archive_customer WHERE name = '测试1'").no_call)
    calls.undo(id)
    assert.equal(0, db.one("SELECT no_call FROM archive_customer WHERE name = '测试1'").no_call)
    assert.equal("open", state(1))
  end)

  it("hung up midway needs half of the answers", function()
    local id, sheet = answered(1, { env_tidy = 9 })
    assert.error_matches(function() calls.result(id, { code = "PARTIAL" }) end, "不到一半")
    for item, value in pairs(GOOD) do survey.answer(sheet, item, value) end
    calls.result(id, { code = "PARTIAL" })
    assert.equal("PARTIAL", fixture.task(1).result)
    assert.is_true(survey.sheet(sheet).closed)
  end)

  it("a bad number is marked; the next one is tried before the advisor is asked", function()
    begin { { 3, { bringer = "钱某", bringer_mobile = "13922223333" } } }
    local phones = fixture.phones(3)
    assert.equal(2, #phones)
    local id = answered(3)
    assert.error_matches(function() calls.result(id, { code = "EMPTY_NO" }) end, "号码")
    calls.result(id, { code = "EMPTY_NO", phone = phones[1] })
    assert.equal("open", state(3))
    assert.equal("bad", db.one("SELECT state FROM archive_phone WHERE id = ?", phones[1]).state)
    calls.result(id, { code = "STOPPED", phone = phones[2] })
    assert.equal("contact_fix", state(3))
  end)

  it("refuses a number of somebody else, and a result that comes from the questionnaire", function()
    local id = answered(1)
    assert.error_matches(function() calls.result(id, { code = "NO_ANSWER", phone = fixture.phones(2)[1] }) end, "不属于")
    assert.error_matches(function() calls.result(id, { code = "OK_SAT" }) end, "问卷")
    assert.error_matches(function() calls.result(id, { code = "NONSENSE" }) end, "NONSENSE")
    assert.equal(0, attempts(1))
  end)
end)

describe("three failed attempts", function()
  before_each(function() begin() end)

  it("lead to the contact-data list with one working day for the advisor", function()
    assert.equal("open", fail_at(1, "2026-11-21T09:00").state)
    assert.equal("open", fail_at(1, "2026-11-21T11:30").state)
    assert.equal("contact_fix", fail_at(1, "2026-11-21T14:00").state)
    local fix = db.one "SELECT * FROM call_contact_fix"
    assert.equal("孙顾问", fix.advisor)
    assert.equal("2026-11-23 17:30", ("%s %s"):format(clock.split(fix.answer_due)))
    assert.equal(3, fixture.task(1).attempts)
    assert.equal(1, tasks.tallies("li").contact_fix)
  end)

  it("do not count when they are too close, and say so", function()
    fail_at(1, "2026-11-21T09:00")
    local second = fail_at(1, "2026-11-21T10:00")
    assert.is_false(second.counts)
    assert.matches("不足 2 小时", second.reason.zh)
    assert.equal(1, fixture.task(1).attempts)
    assert.equal(2, attempts(1))
  end)

  it("do not count as third within one half-day", function()
    fail_at(1, "2026-11-21T13:00")
    fail_at(1, "2026-11-21T15:00")
    local third = fail_at(1, "2026-11-21T17:00")
    assert.is_false(third.counts)
    assert.equal("open", third.state)
    assert.equal("contact_fix", fail_at(1, "2026-11-22T09:00").state)
  end)

  it("are called again the day after the advisor's answer, from the first attempt on", function()
    fail_at(1, "2026-11-21T09:00")
    fail_at(1, "2026-11-21T11:30")
    fail_at(1, "2026-11-21T14:00")
    local fix = db.one "SELECT id FROM call_contact_fix"
    test.now("2026-11-23T10:00")
    test.as("other", { "advisor" }, "别的顾问")
    assert.error_matches(function() contact.answer(fix.id, { what = "same" }) end, "自己")
    test.as("sun", { "advisor" }, "孙顾问")
    assert.equal(1, #contact.list())
    assert.error_matches(function() contact.answer(fix.id, { what = "number", number = "123" }) end, "号码")
    contact.answer(fix.id, { what = "number", number = "13944445555" })
    local task = fixture.task(1)
    assert.equal("open", task.state)
    assert.equal(0, task.attempts)
    assert.equal("li", task.assigned_to)
    assert.equal("2026-11-24", (clock.split(task.not_before)))
    li()
    assert.equal(fixture.task(2).id, tasks.next("li"), "not today")
    test.now("2026-11-24T09:00")
    assert.equal("13944445555", archive.number(window.view(window.open(task.id)).dial))
    assert.is_true(fail_at(1, "2026-11-24T09:30").counts)
    assert.equal(1, fixture.task(1).attempts)
    assert.error_matches(function() contact.answer(fix.id, { what = "same" }) end, "已经答复")
  end)

  it("are called under the old number again when the advisor says that it is right", function()
    local id = fixture.task(1).id
    for _, phone in ipairs(fixture.phones(1)) do
      claims.need(id)
      calls.result(id, { code = "EMPTY_NO", phone = phone })
    end
    assert.equal("contact_fix", state(1))
    test.as("sun", { "advisor" }, "孙顾问")
    contact.answer(db.one("SELECT id FROM call_contact_fix").id, { what = "same" })
    test.now("2026-11-22T09:00")
    li()
    assert.truthy(window.view(window.open(id)).dial, "a number stands to be dialled")
  end)

  it("are over when the customer rings back, and undo brings the line back", function()
    fail_at(1, "2026-11-21T09:00")
    fail_at(1, "2026-11-21T11:30")
    fail_at(1, "2026-11-21T14:00")
    local id = fixture.task(1).id
    local _, mine = window.open(id)
    assert.is_false(mine, "opening alone does not claim what waits for contact data")
    claims.need(id)
    for item, value in pairs(GOOD) do survey.answer(window.open(id).sheet_id, item, value) end
    assert.equal("OK_SAT", calls.finish(id, {}).code)
    assert.equal(0, #contact.list())
    calls.undo(id)
    assert.equal("contact_fix", state(1))
    assert.equal(1, #contact.list())
  end)

  it("end as unreachable when the advisor has nothing either", function()
    fail_at(1, "2026-11-21T09:00")
    fail_at(1, "2026-11-21T11:30")
    fail_at(1, "2026-11-21T14:00")
    contact.answer(db.one("SELECT id FROM call_contact_fix").id, { what = "none" })
    assert.equal("done", state(1))
    assert.equal("UNREACHABLE", fixture.task(1).result)
  end)
end)

describe("the month of M3", function()
  it("has nine jobs, seven successes, one refusal, one unreachable", function()
    test.now("2026-11-21T09:00")
    fixture.staff(test)
    local list = {}
    for n = 1, 9 do list[n] = { n } end
    list[10] = { 10, { kind = "内部" } }
    list[11] = { 11, { car = 1, settled = "2026-11-18" } }
    list[12] = { 12, { car = 2, settled = "2026-11-18" } }
    fixture.orders(list)
    local summary = due.run("2026-11-21").summary
    assert.equal(9, summary.tasks)
    assert.equal(3, summary.exclusions)
    assert.equal(2, db.one("SELECT COUNT(*) AS n FROM call_exclusion WHERE kind = 'repeat'").n)
    for n = 1, 6 do calls.finish(answered(n, GOOD), {}) end
    calls.finish(answered(7, { duration = 4 }), { how = "faq", problem = "久等" })
    calls.result(answered(8), { code = "REFUSED" })
    fail_at(9, "2026-11-21T09:00")
    fail_at(9, "2026-11-21T11:30")
    fail_at(9, "2026-11-21T14:00")
    local ok = db.one("SELECT COUNT(*) AS n FROM call_task WHERE result IN ('OK_SAT', 'OK_DIS_FAQ')").n
    assert.equal(7, ok)
    assert.equal("77.8", ("%.1f"):format(100 * ok / summary.tasks))
  end)
end)
