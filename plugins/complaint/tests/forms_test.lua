-- Tracking form 03 from opening to closing.
local clock = require "host.clock"
local db = require "host.db"
local vault = require "host.vault"
local complaint = require "complaint.exports"
local delegations = require "complaint.delegations"
local fixture = require "complaint.fixture"
local people = require "complaint.people"
local forms = require "complaint.forms"
local view = require "complaint.view"

local SERIOUS = "刹车突然失灵，差点出事"

local function hm(ms)
  local day, at = clock.split(ms)
  return day .. " " .. at
end

local function open(o)
  o = o or {}
  return complaint.unhappy {
    visit_id = o.visit_id or fixture.visit(), source = "phone-service", problem = o.problem or SERIOUS, topics = o.topics or {},
    department = o.department or "service", accused = o.accused, wanted = o.wanted, facts = o.facts,
  }
end

local function answer(id, round, at)
  if at then test.now(at) end
  test.as("zhao", { "director" })
  forms.answer(id, { round = round, cause = "制动液不足", action = "已更换并试车" })
end

local function recheck(id, round, result, at)
  if at then test.now(at) end
  test.as("li", { "specialist" })
  return forms.recheck(id, { round = round, result = result, remark = "客户说的话" })
end

local function state(id)
  return db.one("SELECT state FROM complaint_form WHERE id = ?", id).state
end

describe("opening a form", function()
  before_each(function()
    test.now("2026-11-20T10:00")
    fixture.staff(test)
  end)

  it("numbers by day without gaps and sends at once", function()
    local a, b = open(), open { visit_id = fixture.visit(2) }
    assert.equal("serious", a.kind)
    assert.equal("03-20261120-001", a.no)
    assert.equal("03-20261120-002", b.no)
    assert.equal("sent", state(a.id))
    test.now("2026-11-21T09:00")
    assert.equal("03-20261121-001", open { visit_id = fixture.visit(3) }.no)
  end)

  it("takes no number when the opening fails", function()
    local visit = fixture.visit()
    assert.error_matches(function() open { visit_id = visit, department = "no-such" } end, "no-such")
    assert.equal("03-20261120-001", open { visit_id = visit }.no)
  end)

  it("refuses without a problem and without a work order", function()
    assert.error_matches(function() open { problem = " 　" } end, "问题")
    assert.error_matches(function() open { visit_id = 42 } end, "工单")
    assert.equal(0, db.one("SELECT COUNT(*) AS n FROM complaint_form").n)
  end)

  it("ends the limit at 17:30 of the make-up Saturday for what is sent at 16:50 on Friday 13 February", function()
    test.now("2026-02-13T16:50")
    local form = forms.get(open().id)
    assert.equal("2026-02-14 17:30", hm(form.answer_due))
    assert.equal("2026-02-13 17:00", hm(form.send_by))
  end)

  it("counts 17:00:00 as the next working day", function()
    test.now("2026-02-13T17:00")
    local form = forms.get(open().id)
    assert.equal("2026-02-24 17:30", hm(form.answer_due))
    assert.equal("2026-02-14 17:00", hm(form.send_by))
  end)

  it("still counts 16:59 as that day", function()
    test.now("2026-11-20T16:59")
    assert.equal("2026-11-23 17:30", hm(forms.get(open().id).answer_due))
  end)

  it("keeps and shows how the deadline was reckoned", function()
    test.now("2026-02-13T17:00")
    local shown = view.form(open().id)
    assert.is_true(#shown.rounds == 1 and #shown.rounds[1].steps >= 3)
    for _, step in ipairs(shown.rounds[1].steps) do assert.is_true(#step.zh > 0 and #step.en > 0) end
  end)

  it("tells the director by mail without name, number or words", function()
    open { problem = SERIOUS .. "，请打13800000000找张某" }
    local mail = db.one "SELECT * FROM host_mail"
    assert.equal("zhao@example.test", mail.recipient)
    local all = mail.subject .. mail.body
    for _, secret in ipairs { "13800000000", "8000", "张某", "刹车", "渝AD12345" } do
      assert.is_nil(all:find(secret, 1, true))
    end
    assert.is_true(all:find("03-20261120-001", 1, true) ~= nil and all:find("2026-11-23 17:30", 1, true) ~= nil)
    assert.equal(1, db.one("SELECT COUNT(*) AS n FROM host_mail").n)
  end)

  it("keeps the problem sealed", function()
    local id = open().id
    assert.is_nil(db.one("SELECT problem_sealed FROM complaint_form WHERE id = ?", id).problem_sealed:find("刹车", 1, true))
    assert.equal(SERIOUS, view.form(id).problem)
  end)
end)

describe("rounds", function()
  local id
  before_each(function()
    test.now("2026-11-20T10:00")
    fixture.staff(test)
    id = open().id
  end)

  it("closes when the customer is satisfied", function()
    answer(id, 1, "2026-11-20T15:00")
    assert.equal("answered", state(id))
    local second = complaint.second_calls("li")
    assert.equal(1, #second)
    assert.equal("zhao", second[1].answered_by)
    assert.equal(0, #complaint.second_calls("wang"))
    assert.equal(1, #complaint.second_calls(), "without a login everybody's")
    assert.equal("closed", recheck(id, 1, "satisfied", "2026-11-21T10:00"))
    assert.equal(1, forms.get(id).satisfied)
    assert.equal(0, #complaint.second_calls("li"))
  end)

  it("goes back with a new limit when he is not", function()
    answer(id, 1, "2026-11-20T15:00")
    assert.equal("sent", recheck(id, 1, "unsatisfied", "2026-11-23T10:00"))
    local form = forms.get(id)
    assert.equal(2, form.round)
    assert.equal("2026-11-24 17:30", hm(form.answer_due))
    assert.equal(2, #view.form(id).rounds)
  end)

  it("goes to the supervisor after three rounds, who signs", function()
    for round = 1, 3 do
      answer(id, round)
      recheck(id, round, "unsatisfied")
    end
    assert.equal("to_sign", state(id))
    assert.equal(1, db.one("SELECT COUNT(*) AS n FROM host_mail WHERE recipient = 'chen@example.test'").n)
    assert.error_matches(function() forms.sign(id, "sign", "已赔偿") end, "主管")
    test.as("chen", { "supervisor" })
    assert.error_matches(function() forms.sign(id, "sign", " ") end, "理由")
    forms.sign(id, "sign", "已赔偿，客户接受")
    local form = forms.get(id)
    assert.equal("closed", form.state)
    assert.equal("chen", form.signed_by)
    assert.equal(0, form.satisfied)
  end)

  it("lets the supervisor order one more round or one more call", function()
    for round = 1, 3 do
      answer(id, round)
      recheck(id, round, "unsatisfied")
    end
    test.as("chen", { "supervisor" })
    forms.sign(id, "again")
    assert.equal(4, forms.get(id).round)
    answer(id, 4)
    recheck(id, 4, "unsatisfied")
    test.as("chen", { "supervisor" })
    forms.sign(id, "recall")
    assert.equal("answered", state(id))
  end)

  it("stays open when the customer is not reached, and asks the supervisor after three times", function()
    answer(id, 1)
    assert.equal("answered", recheck(id, 1, "not_reached"))
    assert.equal("answered", recheck(id, 1, "not_reached"))
    assert.equal("to_sign", recheck(id, 1, "not_reached"))
    assert.is_nil(forms.get(id).satisfied)
  end)

  it("marks an answer after the limit as late", function()
    answer(id, 1, "2026-11-23T17:31")
    assert.equal(0, db.one("SELECT on_time FROM complaint_answer").on_time)
  end)

  it("counts an answer in the last minute as on time", function()
    answer(id, 1, "2026-11-23T17:29")
    assert.equal(1, db.one("SELECT on_time FROM complaint_answer").on_time)
  end)

  it("says in words why a line is red", function()
    test.now("2026-11-23T19:30")
    local limit = view.form(id).limit
    assert.is_true(limit.overdue)
    assert.is_true(limit.left.zh:find("已超期", 1, true) ~= nil and limit.red.en:find("23 Nov 17:30", 1, true) ~= nil)
    assert.equal(1, complaint.tallies("zhao").overdue)
    assert.equal(1, complaint.tallies("zhao").to_answer)
  end)
end)

describe("who may", function()
  local id
  before_each(function()
    test.now("2026-11-20T10:00")
    fixture.staff(test)
    id = open().id
  end)

  it("answers once: the second of two gets a sentence and nothing is lost", function()
    test.as("zhao", { "director" })
    forms.answer(id, { round = 1, cause = "甲", action = "乙" })
    assert.error_matches(function() forms.answer(id, { round = 1, cause = "丙", action = "丁" }) end, "已由")
    local rows = db.all "SELECT * FROM complaint_answer"
    assert.equal(1, #rows)
    assert.equal("甲", view.form(id).rounds[1].answer.cause)
  end)

  it("refuses an answer of a stranger", function()
    test.as("wang", { "specialist" })
    assert.error_matches(function() forms.answer(id, { round = 1, cause = "x", action = "y" }) end, "答复")
    assert.equal("sent", state(id))
  end)

  it("lets today's deputy answer, and nobody's yesterday", function()
    test.as("zhao", { "director" })
    delegations.add { login = "zhao", deputy = "gao", from_day = "2026-11-20", to_day = "2026-11-20" }
    assert.equal(1, complaint.tallies("gao").to_answer)
    test.now("2026-11-21T09:00")
    test.as("gao", { "general-manager" })
    assert.error_matches(function() forms.answer(id, { round = 1, cause = "x", action = "y" }) end, "代理人")
    test.now("2026-11-20T16:00")
    forms.answer(id, { round = 1, cause = "x", action = "y" })
    assert.equal("answered", state(id))
  end)

  it("tells the deputy too", function()
    test.as("zhao", { "director" })
    delegations.add { login = "zhao", deputy = "gao", from_day = "2026-11-20", to_day = "2026-11-22" }
    test.as("li", { "specialist" })
    open { visit_id = fixture.visit(2) }
    assert.equal(1, db.one("SELECT COUNT(*) AS n FROM host_mail WHERE recipient = 'gao@example.test'").n)
  end)

  it("refuses deputies who are nobody, oneself, or in the past", function()
    test.as("zhao", { "director" })
    local function add(deputy, from, to)
      return function() delegations.add { login = "zhao", deputy = deputy, from_day = from, to_day = to } end
    end
    assert.error_matches(add("zhao", "2026-11-20", "2026-11-21"), "本人")
    assert.error_matches(add("nobody", "2026-11-20", "2026-11-21"), "名单")
    assert.error_matches(add("gao", "2026-11-21", "2026-11-20"), "早于")
    assert.error_matches(add("gao", "2026-11-01", "2026-11-02"), "过去")
    test.as("li", { "specialist" })
    assert.error_matches(add("gao", "2026-11-20", "2026-11-21"), "自己")
  end)

  it("never lets the accused handle it", function()
    test.as("li", { "specialist" })
    local accused = open { visit_id = fixture.visit(2), accused = { "zhao" } }
    assert.equal("gao", forms.get(accused.id).director)
    test.as("zhao", { "director" })
    assert.error_matches(function() forms.answer(accused.id, { round = 1, cause = "x", action = "y" }) end, "本人")
    test.as("chen", { "supervisor" })
    local about_wang = open { visit_id = fixture.visit(3), accused = { "wang" } }
    assert.error_matches(function() forms.move({ about_wang.id }, "wang") end, "wang")
  end)

  it("keeps the second call with the same specialist until the supervisor hands it over", function()
    answer(id, 1)
    test.as("wang", { "specialist" })
    assert.error_matches(function() forms.recheck(id, { round = 1, result = "satisfied" }) end, "同一位")
    assert.error_matches(function() forms.move({ id }, "wang") end, "主管")
    test.as("chen", { "supervisor" })
    assert.error_matches(function() forms.move({ id }, "zhao") end, "专员")
    assert.equal(1, forms.move({ id }, "wang"))
    test.as("wang", { "specialist" })
    assert.equal("closed", forms.recheck(id, { round = 1, result = "satisfied" }))
  end)

  it("opens the number only while the second call is claimed, and leaves an audit row", function()
    answer(id, 1)
    test.as("li", { "specialist" })
    local function number() return view.second_call(id).people[1].phones[1].number end
    assert.is_nil(number())
    forms.claim(id)
    assert.equal("13800000000", number())
    assert.is_true(db.one("SELECT COUNT(*) AS n FROM host_audit WHERE what = 'unmask'").n >= 1)
    test.now("2026-11-20T10:16")
    assert.is_nil(number())
  end)

  it("is told by name, also of who works here no more", function()
    test.user("ma", {}, "马调走")
    local directory = people.directory()
    assert.equal("马调走", people.name(directory, "ma"))
    assert.is_nil(directory.ma)
    assert.equal("nobody", people.name(directory, "nobody"))
  end)

  it("withdraws what nobody has answered, and only that", function()
    local other = open { visit_id = fixture.visit(2) }
    test.as("li", { "specialist" })
    complaint.withdraw { kind = "serious", id = id, reason = "点错了，钱先生没有投诉" }
    assert.equal("closed", state(id))
    local row = db.one("SELECT id, withdrawn, withdrawn_sealed FROM complaint_form WHERE id = ?", id)
    assert.equal("—", row.withdrawn)
    assert.equal("点错了，钱先生没有投诉", vault.open("complaint_form", "withdrawn_sealed", id, row.withdrawn_sealed))
    assert.equal("点错了，钱先生没有投诉", view.form(id).withdrawn)
    assert.is_nil(db.one "SELECT detail FROM host_audit WHERE what = 'withdraw'".detail)
    assert.is_nil(forms.get(id).satisfied)
    answer(other.id, 1)
    test.as("li", { "specialist" })
    assert.error_matches(function() complaint.withdraw { kind = "serious", id = other.id, reason = "点错了" } end, "撤回")
  end)
end)

describe("handing over everything", function()
  it("moves open forms and minor issues, leaves closed ones, and needs the supervisor", function()
    test.now("2026-11-20T10:00")
    fixture.staff(test)
    local a, b = open(), open { visit_id = fixture.visit(2) }
    local minor = open { visit_id = fixture.visit(3), problem = "等了太久" }
    assert.equal("minor", minor.kind)
    complaint.withdraw { kind = "serious", id = b.id, reason = "点错了" }
    assert.error_matches(function() complaint.move { from = "li", to = "wang" } end, "主管")
    test.as("chen", { "supervisor" })
    assert.same({ forms = 1, minors = 1 }, complaint.move { from = "li", to = "wang" })
    assert.equal("wang", forms.get(a.id).specialist)
    assert.equal("li", forms.get(b.id).specialist)
  end)
end)

describe("why it is serious", function()
  it("names every rule that was asked, true, false or unknown", function()
    test.now("2026-11-20T10:00")
    fixture.staff(test)
    local why = view.form(open().id).why
    assert.equal("涉及行车安全", why.because.zh)
    local said = {}
    for _, r in ipairs(why.rules) do said[r.id] = r.yes and "yes" or r.no and "no" or "unknown" end
    assert.equal("yes", said.safety)
    assert.equal("no", said.injury)
    assert.equal("unknown", said["lowest-score"])
  end)
end)

describe("another department's form", function()
  it("is answered by who the settings name, and the after-sales director is told for his information only once", function()
    test.now("2026-11-20T10:00")
    fixture.staff(test)
    local id = open({ department = "sales", problem = "返利没到账" }).id
    assert.equal("zhao", forms.get(id).director)
    local mails = db.all "SELECT subject FROM host_mail WHERE recipient = 'zhao@example.test'"
    assert.equal(1, #mails)
    assert.is_true(mails[1].subject:find("待答复", 1, true) ~= nil)
  end)
end)
