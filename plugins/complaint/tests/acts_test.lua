-- The acts of forms and minor issues as exports: by the right person, and by nobody else.
local complaint = require "complaint.exports"
local db = require "host.db"
local fixture = require "complaint.fixture"

local function as(login, role) test.as(login, { role }) end

local function open(problem)
  as("li", "specialist")
  return complaint.unhappy { visit_id = fixture.visit(), problem = problem, topics = {}, department = "service" }
end

local function state(id) return db.one("SELECT state FROM complaint_form WHERE id = ?", id).state end

describe("the acts of a form", function()
  before_each(function()
    test.now "2026-11-20T10:00"
    fixture.staff(test)
  end)

  it("answer, second call and closing", function()
    local form = open("刹车突然失灵，差点出事")
    as("zhao", "director")
    complaint.answer(form.id, { round = 1, cause = "制动液不足", action = "已更换并试车" })
    as("li", "specialist")
    assert.equal("closed", complaint.recheck(form.id, { round = 1, result = "satisfied" }))
  end)

  it("are refused to others", function()
    local form = open("刹车突然失灵，差点出事")
    assert.error_matches(function() complaint.answer(form.id, { round = 1, cause = "x", action = "y" }) end, "答复")
    as("zhao", "director")
    complaint.answer(form.id, { round = 1, cause = "制动液不足", action = "已更换并试车" })
    assert.error_matches(function() complaint.recheck(form.id, { round = 1, result = "satisfied" }) end, "权限")
    assert.error_matches(function() complaint.sign(form.id, "sign", "x") end, "主管")
    as("chen", "specialist")
    assert.error_matches(function() complaint.recheck(form.id, { round = 1, result = "satisfied" }) end, "同一位专员")
    assert.equal("answered", state(form.id))
  end)
end)

describe("the acts of a minor issue", function()
  before_each(function()
    test.now "2026-11-20T10:00"
    fixture.staff(test)
  end)

  it("reply and the call after it", function()
    local minor = open("休息区太吵")
    assert.equal("minor", minor.kind)
    as("gao", "general-manager")
    assert.error_matches(function() complaint.minor_reply(minor.id, "好的") end, "权限")
    as("li", "specialist")
    complaint.minor_reply(minor.id, "已致歉")
    as("gao", "general-manager")
    assert.error_matches(function() complaint.minor_recheck(minor.id, "satisfied") end, "权限")
    as("li", "specialist")
    complaint.minor_recheck(minor.id, "satisfied")
    assert.equal(1, db.one("SELECT satisfied FROM complaint_minor WHERE id = ?", minor.id).satisfied)
  end)
end)
