-- Minor issues and the daily report 05.
local db = require "host.db"
local complaint = require "complaint.exports"
local daily = require "complaint.daily"
local fixture = require "complaint.fixture"
local minors = require "complaint.minors"
local view = require "complaint.view"

local id

local function reply(words)
  test.as("sun", { "advisor" })
  minors.reply(id, words or "已联系客户解释")
end

local function recheck(result, words)
  test.as("li", { "specialist" })
  return minors.recheck(id, result, words)
end

describe("a minor issue", function()
  before_each(function()
    test.now("2026-11-20T10:00")
    fixture.staff(test)
    id = complaint.unhappy({
      visit_id = fixture.visit(), source = "phone-service", problem = "等了太久，回电13800000000", topics = { "wait" }, department = "service",
    }).id
  end)

  it("waits for the advisor of the job, then for the next day's call, then closes", function()
    assert.equal(1, complaint.tallies("sun").to_answer)
    reply()
    assert.equal("2026-11-21", minors.get(id).recheck_on)
    test.now("2026-11-21T10:00")
    assert.equal(1, complaint.tallies("li").second)
    recheck "satisfied"
    assert.equal("closed", minors.state(minors.get(id)))
    assert.equal(1, minors.get(id).satisfied)
  end)

  it("is not another advisor's to reply", function()
    test.as("qian", { "advisor" })
    assert.error_matches(function() minors.reply(id, "好了") end, "服务顾问")
  end)

  it("cannot be called again before the reply, nor replied to twice", function()
    assert.error_matches(function() recheck "satisfied" end, "变化")
    reply()
    assert.error_matches(function() reply() end, "变化")
  end)

  it("opens the numbers to who calls again, on record, and only then", function()
    test.as("li", { "specialist" })
    assert.error_matches(function() view.minor_call(id) end, "回访")
    reply()
    test.as("wang", { "specialist" })
    assert.error_matches(function() view.minor_call(id) end, "li")
    test.as("li", { "specialist" })
    assert.is_nil(view.minor(id).people)
    local before = db.one("SELECT COUNT(*) AS n FROM host_audit WHERE what = 'unmask'").n
    assert.equal("13800000000", view.minor_call(id).people[1].phones[1].number)
    assert.equal(before + 1, db.one("SELECT COUNT(*) AS n FROM host_audit WHERE what = 'unmask'").n)
  end)

  it("becomes a tracking form after the last round", function()
    for _ = 1, 2 do
      reply()
      assert.is_nil(recheck("unsatisfied", "还是没人理"))
    end
    reply()
    local form = recheck("unsatisfied", "还是没人理")
    assert.is_true(form ~= nil)
    assert.equal("sent", db.one("SELECT state FROM complaint_form WHERE id = ?", form).state)
    assert.equal(form, minors.get(id).form_id)
  end)

  it("stands in block 2 of its day and specialist, without the number", function()
    local r = daily.report("2026-11-20", "li")
    assert.equal(1, #r.minors)
    assert.is_nil(r.minors[1].problem:find("13800000000", 1, true))
    assert.equal("张*", r.minors[1].customer)
    assert.equal(0, #daily.report("2026-11-20", "wang").minors)
    assert.equal(0, #daily.report("2026-11-19", nil).minors)
    assert.equal(0, r.header.attempted)
  end)

  it("leaves the report when it is withdrawn", function()
    test.as("li", { "specialist" })
    complaint.withdraw { kind = "minor", id = id, reason = "撤销：钱先生没说" }
    assert.equal(0, #daily.report("2026-11-20", nil).minors)
    assert.equal("—", db.one("SELECT withdrawn FROM complaint_minor WHERE id = ?", id).withdrawn)
    assert.equal("撤销：钱先生没说", view.minor(id).withdrawn)
  end)
end)
