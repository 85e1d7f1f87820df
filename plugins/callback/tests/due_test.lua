-- Who is called and who is not, and that a second run makes nothing twice.
local db = require "host.db"
local rules = require "host.rules"
local due = require "callback.due"
local fixture = require "callback.tests.fixture"

local function count(table_name) return db.one("SELECT COUNT(*) AS n FROM " .. table_name).n end

local function by_order(result)
  local map = {}
  for _, line in ipairs(result.lines) do map[line.order_no] = line end
  return map
end

describe("the due pass", function()
  before_each(function()
    test.now("2026-11-21T08:00")
    fixture.staff(test)
  end)

  it("takes the later of settlement and pick-up plus three days", function()
    fixture.orders { { 1, { settled = "2026-11-10", picked_up = "2026-11-18" } }, { 2, { settled = "2026-11-18", picked_up = "2026-11-16" } },
                     { 3, { settled = "2026-11-19", picked_up = "2026-11-19" } } }
    due.run "2026-11-21"
    assert.equal("2026-11-21", fixture.task(1).due_on)
    assert.equal("2026-11-21", fixture.task(2).due_on)
    assert.is_nil(fixture.task(3), "due on the 22nd, so not on the list of the 21st")
    due.run "2026-11-22"
    assert.equal("2026-11-22", fixture.task(3).due_on)
  end)

  it("makes no task for a car that has not been picked up, and one when it has", function()
    fixture.orders { { 1, { picked_up = "" } } }
    local result = due.run "2026-11-21"
    assert.is_nil(fixture.task(1))
    assert.equal(1, result.summary.waiting_for_pick_up)
    db.run("UPDATE archive_visit SET picked_up_on = '2026-11-18'")
    due.run "2026-11-21"
    assert.equal("2026-11-21", fixture.task(1).due_on)
  end)

  it("excludes at once what its order says, picked up or not", function()
    fixture.orders { { 1, { picked_up = "", wanted = "否", why = "客户拒访" } } }
    local line = due.run("2026-11-21").lines[1]
    assert.equal("exclusion", line.type)
    assert.equal("order-reason", line.rule)
    assert.matches("客户拒访", line.reason)
  end)

  it("names customer, plate, reason and rule in each line, also where there is no plate", function()
    fixture.orders { { 1, { plate = "无牌照" } }, { 2, { plate = "", why = "客户拒访" } }, { 3, { owner = "", owner_mobile = "" } } }
    for _, line in ipairs(due.run("2026-11-21").lines) do
      for _, key in ipairs { "customer", "plate", "reason", "rule" } do assert.equal("string", type(line[key]), line.order_no .. " " .. key) end
    end
  end)

  it("excludes by kind, flag, reason and says which rule on what", function()
    fixture.orders { { 1, { kind = "PDI检查" } }, { 2, { kind = "返工" } }, { 3, { wanted = "否" } }, { 4, { why = "员工自用" } }, { 5 }, { 6, { owner = "江北某汽车销售有限公司" } } }
    local lines = by_order(due.run "2026-11-21")
    assert.equal("job-kind", lines.RO26110001.rule)
    assert.equal("job-kind", lines.RO26110002.rule)
    assert.equal("order-flag", lines.RO26110003.rule)
    assert.equal("order-reason", lines.RO26110004.rule)
    assert.equal("task", lines.RO26110005.type)
    assert.equal("dealer-sale", lines.RO26110006.rule)
    local why = rules.explain(fixture.exclusion(1).decision_id)
    assert.equal("PDI检查", why.facts.kind)
    local task = fixture.task(5)
    assert.equal("otherwise", task.rule)
    assert.matches("2026%-11%-21", task.reason_zh)
    assert.truthy(rules.explain(task.decision_id))
  end)

  it("shows customer and plate masked, in lists of machines too", function()
    fixture.orders { { 1, { owner = "张三丰" } } }
    local line = due.run("2026-11-21").lines[1]
    assert.equal("张**", line.customer)
    assert.equal("苏A***01", line.plate)
  end)

  it("makes nothing twice", function()
    fixture.orders { { 1 }, { 2, { kind = "PDI" } }, { 3 } }
    local first = due.run "2026-11-21"
    local decisions = count "host_decision"
    local second = due.run "2026-11-21"
    assert.equal(2, first.summary.new_tasks)
    assert.equal(1, first.summary.new_exclusions)
    assert.equal(0, second.summary.new_tasks)
    assert.equal(0, second.summary.new_exclusions)
    assert.equal(3, #second.lines, "the second run lists the same")
    assert.equal(2, count "call_task")
    assert.equal(1, count "call_exclusion")
    assert.equal(decisions, count "host_decision")
  end)

  it("numbers tasks by their due day without gaps", function()
    fixture.orders { { 1 }, { 2 } }
    due.run "2026-11-21"
    assert.equal("HF-20261121-001", fixture.task(1).no)
    assert.equal("HF-20261121-002", fixture.task(2).no)
  end)

  it("calls a repeat within seven days of a job that has a task", function()
    fixture.orders { { 1, { settled = "2026-11-05", picked_up = "2026-11-05" } }, { 2, { car = 1, settled = "2026-11-12", picked_up = "2026-11-12" } },
                     { 3, { car = 1, settled = "2026-11-13", picked_up = "2026-11-13" } } }
    due.run "2026-11-21"
    assert.truthy(fixture.task(1))
    assert.equal("repeat", fixture.exclusion(2).kind)
    assert.truthy(fixture.task(3), "eight days after the first, and the second has no task")
  end)

  it("does not count an excluded job as the first of a repeat", function()
    fixture.orders { { 1, { kind = "PDI" } }, { 2, { car = 1 } } }
    due.run "2026-11-21"
    assert.equal("no_call", fixture.exclusion(1).kind)
    assert.truthy(fixture.task(2))
  end)

  it("decides again where the order changed and nobody has called yet", function()
    fixture.orders { { 1 }, { 2 } }
    due.run "2026-11-21"
    db.run("UPDATE archive_visit SET kind = '返工' WHERE id = ?", fixture.visit(1))
    db.run("UPDATE archive_visit SET kind = '返工' WHERE id = ?", fixture.visit(2))
    db.run("UPDATE call_task SET attempts = 1, first_attempt_at = 1 WHERE visit_id = ?", fixture.visit(2))
    local result = due.run "2026-11-21"
    assert.is_nil(fixture.task(1))
    assert.equal("job-kind", fixture.exclusion(1).rule)
    assert.truthy(fixture.task(2), "a call that has begun stays")
    assert.equal(1, result.summary.withdrawn)
    db.run("UPDATE archive_visit SET kind = '保养' WHERE id = ?", fixture.visit(1))
    due.run "2026-11-21"
    assert.truthy(fixture.task(1))
    assert.is_nil(fixture.exclusion(1))
  end)

  it("moves the due day when the settlement was redone", function()
    fixture.orders { { 1 } }
    due.run "2026-11-21"
    db.run("UPDATE archive_visit SET settled_on = '2026-11-16', picked_up_on = '2026-11-16' WHERE id = ?", fixture.visit(1))
    due.run "2026-11-21"
    assert.equal("2026-11-19", fixture.task(1).due_on)
    assert.equal(1, count "call_task")
  end)

  it("withdraws an untouched task while a complaint about the car is open, and leaves exclusions when it closes", function()
    fixture.orders { { 1 } }
    due.run "2026-11-21"
    local complaint = require "complaint"
    complaint.unhappy { visit_id = fixture.visit(1), problem = "刹车失灵", topics = {}, department = "service", source = "walk-in" }
    due.run "2026-11-21"
    assert.equal("open-complaint", fixture.exclusion(1).rule)
    db.run "UPDATE complaint_form SET state = 'closed'"
    due.run "2026-11-21"
    assert.equal("open-complaint", fixture.exclusion(1).rule)
  end)

  it("leaves alone who asked never to be called, as owner or as bringer", function()
    fixture.orders { { 1, { bringer = "钱某", bringer_mobile = "13912345678" } } }
    db.run "UPDATE archive_customer SET no_call = 1 WHERE name = '测试1'"
    due.run "2026-11-21"
    assert.equal("never-call", fixture.exclusion(1).rule)
  end)

  it("works through more than one batch", function()
    local list = {}
    for n = 1, 450 do list[n] = { n } end
    fixture.orders(list)
    local result = due.run "2026-11-21"
    assert.equal(450, result.summary.new_tasks)
    assert.equal(450, count "call_task")
    assert.equal(0, due.run("2026-11-21").summary.new_tasks)
  end)

  it("refuses a day that is none", function()
    assert.error_matches(function() due.run "2026-02-30" end, "2026-11-21")
  end)
end)
