-- What the window proposes and says: the number to dial, the words of a problem, the clock of the page.
local clock = require "host.clock"
local survey = require "survey"
local calls = require "callback.calls"
local due = require "callback.due"
local tasks = require "callback.tasks"
local window = require "callback.window"
local fixture = require "callback.tests.fixture"

local function li() test.as("li", { "specialist" }, "李娜") end

local function dialled(view)
  for _, person in ipairs(view.people) do
    for _, phone in ipairs(person.phones) do
      if phone.dial then return phone.id end
    end
  end
end

local function open(n)
  local task, mine = window.open(fixture.task(n).id)
  return window.view(task, mine), task
end

describe("the window of a call", function()
  before_each(function()
    test.now("2026-11-21T09:00")
    fixture.staff(test)
    fixture.orders { { 1, { bringer = "送车人", bringer_mobile = "13912340001", picked_up = "2026-11-17" } }, { 2 } }
    due.run "2026-11-21"
    li()
  end)

  it("proposes the number nobody has tried", function()
    local phones = fixture.phones(1)
    assert.equal(2, #phones)
    local view = open(1)
    assert.equal(phones[1], dialled(view))
    calls.result(fixture.task(1).id, { code = "NO_ANSWER", phone = phones[1] })
    assert.equal(phones[2], dialled((open(1))))
  end)

  it("proposes at a promised time the number under which it was promised", function()
    local phones = fixture.phones(1)
    open(1)
    calls.result(fixture.task(1).id, { code = "LATER", phone = phones[1], at = clock.at("2026-11-21", "09:30") })
    test.now("2026-11-21T09:31")
    assert.equal(phones[1], dialled((open(1))))
  end)

  it("proposes nothing once the call is done", function()
    open(1)
    calls.result(fixture.task(1).id, { code = "REFUSED", phone = fixture.phones(1)[1] })
    local view = open(1)
    assert.is_true(view.task.is_done)
    assert.is_nil(dialled(view))
  end)

  it("says until when another try would not count", function()
    open(1)
    calls.result(fixture.task(1).id, { code = "NO_ANSWER", phone = fixture.phones(1)[1] })
    local view = open(1)
    assert.equal("11:00", view.task.not_before)
    assert.equal(2, view.task.again)
    test.now("2026-11-21T11:00")
    assert.is_false(open(1).task.not_before)
  end)

  it("stands below the others in the list as long as another try would not count", function()
    open(1)
    calls.result(fixture.task(1).id, { code = "NO_ANSWER", phone = fixture.phones(1)[1] })
    local rows = tasks.list("due", "li", 1).rows
    assert.same({ fixture.task(2).no, fixture.task(1).no }, { rows[1].no, rows[2].no })
    test.now("2026-11-21T11:00")
    rows = tasks.list("due", "li", 1).rows
    assert.same({ fixture.task(1).no, fixture.task(2).no }, { rows[1].no, rows[2].no })
  end)

  it("reads no bare code of the dealer system aloud", function()
    fixture.orders { { 3, { kind = "12041099" } } }
    due.run "2026-11-21"
    local intro = open(3).sheet.intro
    assert.is_nil(intro.zh:find("12041099", 1, true))
    assert.is_true(intro.zh:find("维修保养", 1, true) ~= nil)
    assert.is_true(open(1).sheet.intro.zh:find("定期保养", 1, true) ~= nil)
  end)

  it("says of a bare code that it is one", function()
    fixture.orders { { 3, { kind = "12041099" } } }
    due.run "2026-11-21"
    assert.same({ zh = "维修保养（代码 12041099）", en = "service (code 12041099)" }, open(3).visit.kind)
    assert.equal("定期保养", open(1).visit.kind)
    assert.equal("—", tasks.work_shown(nil))
  end)

  it("tells the page its own time", function()
    local view = open(1)
    assert.is_true(math.abs(clock.now() - view.now) < 5000)
    assert.equal("2026-11-21", view.today)
  end)
end)

describe("the words of a problem", function()
  before_each(function()
    test.now("2026-11-21T09:00")
    fixture.staff(test)
    fixture.orders { { 1 } }
    due.run "2026-11-21"
    li()
  end)

  it("hold the answer, not only the question", function()
    local _, task = open(1)
    survey.answer(task.sheet_id, "solved", "no")
    survey.answer(task.sheet_id, "received", "no", "等了十分钟没人理")
    assert.equal("到店后有没有人马上接待您：否（等了十分钟没人理）；您提出的问题是不是都解决了：否", calls.problem_text(survey.outcome(task.sheet_id)))
  end)
end)
