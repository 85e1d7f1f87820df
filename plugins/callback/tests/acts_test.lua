-- The acts of a call as exports: what a telephone system or a script of an operator may do, and for whom.
local clock = require "host.clock"
local callback = require "callback.exports"
local contact = require "callback.contact"
local due = require "callback.due"
local tasks = require "callback.tasks"
local fixture = require "callback.tests.fixture"

local GOOD = { env_tidy = 9, env_hours = 9, env_rest = 9, received = "yes", attitude = 9, expertise = 9, booked = "no", waiting = 9, handover = 9,
               followed = "yes", diagnosis = 9, solved = "yes", technician = 9, labour = 9, parts = 9, clear = 9, start = 9, duration = 9 }

local function as(login)
  local role = { li = "specialist", wang = "specialist", sun = "advisor", gao = "general-manager", it = "it" }
  test.as(login, { role[login] }, login == "sun" and "孙顾问" or login)
end

describe("the acts of a call", function()
  local id

  before_each(function()
    test.now "2026-11-21T09:00"
    fixture.staff(test)
    fixture.orders { { 1 }, { 2 } }
    due.run "2026-11-21"
    id = fixture.task(1).id
    as "li"
  end)

  it("claim, answer and finish a call", function()
    local claim = callback.claim(id)
    assert.equal(fixture.visit(1), claim.visit_id)
    assert.is_true(claim.sheet_id ~= nil)
    local state
    for item, value in pairs(GOOD) do state = callback.answer(id, item, value) end
    assert.is_true(state.items.remark.shown)
    assert.is_false(state.items.booking.shown)
    assert.equal("OK_SAT", callback.finish(id, {}).code)
    assert.equal("done", fixture.task(1).state)
  end)

  it("take an answer back", function()
    callback.claim(id)
    assert.is_true(callback.answer(id, "env_tidy", 9).items.env_tidy.done)
    assert.is_false(callback.answer(id, "env_tidy").items.env_tidy.done)
  end)

  it("record a result without a claim of its own, but not in a colleague's call", function()
    assert.equal("promised", callback.record(id, { code = "LATER", at = clock.at("2026-11-22", "10:00") }).state)
    local other = fixture.task(2).id
    callback.claim(other)
    as "wang"
    assert.error_matches(function() callback.claim(other) end, "占用到")
    assert.error_matches(function() callback.answer(other, "env_tidy", 9) end, "占用到")
    assert.error_matches(function() callback.record(other, { code = "REFUSED" }) end, "占用到")
  end)

  it("are refused to whoever brings another role", function()
    for _, login in ipairs { "sun", "gao", "it" } do
      as(login)
      assert.error_matches(function() callback.claim(id) end, "权限")
      assert.error_matches(function() callback.answer(id, "env_tidy", 9) end, "权限")
      assert.error_matches(function() callback.record(id, { code = "REFUSED" }) end, "权限")
      assert.error_matches(function() callback.finish(id, {}) end, "权限")
    end
    assert.equal("open", fixture.task(1).state)
    assert.is_nil(fixture.task(1).claimed_by)
  end)

  it("count and take an advisor's answers about contact data", function()
    local phones = fixture.phones(1)
    callback.claim(id)
    callback.record(id, { code = "EMPTY_NO", phone = phones[1] })
    assert.equal("contact_fix", fixture.task(1).state)
    assert.equal(1, tasks.tallies("li").contact_fix)
    as "wang"
    assert.equal(0, tasks.tallies("wang").contact_fix)
    as "sun"
    assert.equal(1, tasks.tallies("sun").contact_fix)
    local fix = contact.list()[1].id
    as "gao"
    assert.error_matches(function() callback.contact_answer(fix, { what = "none" }) end, "权限")
    as "sun"
    assert.equal("2026-11-22", callback.contact_answer(fix, { what = "number", number = "13900001234" }).next_call_on)
    assert.equal(0, tasks.tallies("sun").contact_fix)
  end)
end)
