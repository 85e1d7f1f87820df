-- L1: what is serious. The rule set's own examples are checked each time it loads; here is what the gathering of facts adds.
local db = require "host.db"
local rules = require "host.rules"
local complaint = require "complaint.exports"
local fixture = require "complaint.fixture"

local visit

local function unhappy(o)
  o.visit_id, o.source, o.department = o.visit_id or visit, "phone-service", o.department or "service"
  o.topics = o.topics or {}
  return complaint.unhappy(o)
end

describe("severity", function()
  before_each(function()
    test.now("2026-11-20T10:00")
    fixture.staff(test)
    visit = fixture.visit()
  end)

  it("writes an ordinary problem into the daily report", function()
    local made = unhappy { problem = "等了太久", facts = { lowest_score = 3 } }
    assert.equal("minor", made.kind)
    assert.equal("otherwise", made.rule)
    assert.equal(1, db.one("SELECT COUNT(*) AS n FROM complaint_minor").n)
    assert.equal(0, db.one("SELECT COUNT(*) AS n FROM complaint_form").n)
  end)

  for _, case in ipairs {
    { "safety", "行驶中方向盘卡死" }, { "injury", "孩子受伤了" }, { "media-or-authority", "我要找记者曝光" }, { "asks-manager", "叫你们经理来" },
  } do
    it("hears " .. case[1], function()
      local made = unhappy { problem = case[2] }
      assert.equal("serious", made.kind)
      assert.equal(case[1], made.rule)
    end)
  end

  it("calls a score of 2 serious and 3 not", function()
    assert.equal("serious", unhappy({ problem = "差", facts = { lowest_score = 2 } }).kind)
    assert.equal("minor", unhappy({ problem = "差", facts = { lowest_score = 3 } }).kind)
  end)

  it("counts the third time on one matter for one car", function()
    assert.equal("minor", unhappy({ problem = "空调不凉", topics = { "quality" } }).kind)
    assert.equal("minor", unhappy({ problem = "空调不凉", topics = { "quality", "price" }, visit_id = fixture.visit(2) }).kind)
    assert.equal("minor", unhappy({ problem = "贵", topics = { "charges" } }).kind)
    local third = unhappy { problem = "空调还是不凉", topics = { "quality" }, visit_id = fixture.visit(3) }
    assert.equal("serious", third.kind)
    assert.equal("third-time", third.rule)
  end)

  it("sends what concerns another department to a form", function()
    assert.equal("other-department", unhappy({ problem = "返利没到账", department = "sales" }).rule)
  end)

  it("raises on the specialist's word and never lowers", function()
    local raised = unhappy { problem = "等了太久", wanted = "serious" }
    assert.equal("serious", raised.kind)
    assert.equal("wanted", raised.rule)
    local kept = unhappy { problem = "刹车失灵", wanted = "faq" }
    assert.equal("serious", kept.kind)
  end)

  it("records a problem solved on the phone as a decision only", function()
    local solved = unhappy { problem = "不知道怎么预约", wanted = "faq" }
    assert.equal("faq", solved.kind)
    assert.is_nil(solved.id)
    assert.is_true(rules.explain(solved.decision) ~= nil)
    assert.equal(0, db.one("SELECT COUNT(*) AS n FROM complaint_minor").n)
  end)
end)
