-- Erasing a customer, the whole way: three people of one visit are three persons; what one said goes with him, pages that showed it still open.
local archive = require "archive"
local complaint = require "complaint"
local audit = require "host.audit"
local db = require "host.db"
local vault = require "host.vault"
local rules = require "host.rules"
local survey = require "survey"
local calls = require "callback.calls"
local due = require "callback.due"
local tasks = require "callback.tasks"
local window = require "callback.window"
local fixture = require "callback.tests.fixture"

local OWNER, BRINGER, FRESH = "13910000007", "13988887777", "13977776666"

local function sun() test.as("zhao", { "supervisor" }, "赵主管") end
local function gao() test.as("gao", { "general-manager" }, "高翔") end
local function it_man() test.as("chen", { "it" }, "陈工") end
local function li() test.as("li", { "specialist" }, "李娜") end

local function people(n)
  return db.one("SELECT owner_id AS owner, bringer_id AS bringer, contact_id AS contact FROM archive_visit WHERE id = ?", fixture.visit(n))
end

-- A visit brought by another than its owner, called, unhappy, with a remark and a form that is closed again unless `open`.
local function begin(open)
  test.now("2026-11-21T09:00")
  fixture.staff(test)
  fixture.orders { { 1, { bringer = "王送修", bringer_mobile = BRINGER } }, { 2, { owner = "测试1", owner_mobile = OWNER, car = 1 } } }
  due.run "2026-11-21"
  li()
  local task = window.open(fixture.task(1).id)
  survey.answer(task.sheet_id, "env_tidy", 3, "地上有油，差点滑倒")
  local done = calls.finish(task.id, { how = "minor", problem = "等了两个小时没人理", note = "客户说要找媒体" })
  if not open then
    complaint.minor_reply(done.complaint.id, "已电话道歉")
    complaint.minor_recheck(done.complaint.id, "satisfied", "客户接受了")
  end
  return task, done.complaint
end

local function erase(customer, ground)
  sun()
  local no = archive.erasure_request(customer, ground or "request")
  gao()
  archive.erasure_approve(no)
  it_man()
  return archive.erase(no)
end

describe("what belongs to whom", function()
  before_each(function() begin() end)

  it("is sealed under the person who said it, not under the owner", function()
    local p = people(1)
    assert.is_true(p.bringer ~= p.owner)
    assert.equal(p.bringer, archive.person_of(fixture.visit(1)))
    assert.equal(p.bringer, db.one "SELECT person_id FROM survey_sheet".person_id)
    assert.equal(p.bringer, db.one "SELECT person_id FROM complaint_minor".person_id)
  end)
end)

-- Whose key a sealed value lies under stands in it: one byte of format, then the person.
local function persons_in(tbl, column)
  local out, n = {}, 0
  for _, row in ipairs(db.all(("SELECT %s AS value FROM %s WHERE %s IS NOT NULL"):format(column, tbl, column))) do
    out[#out + 1], n = (string.unpack("<i8", row.value, 2)), n + 1
  end
  return out, n
end

describe("every sealed value", function()
  it("lies under the key of who brought the car", function()
    test.as("he", { "director" }, "何伟")
    begin()
    local bringer = people(1).bringer
    local made = complaint.unhappy { visit_id = fixture.visit(1), problem = "刹车失灵", wanted = "serious", topics = {} }
    test.as("he", { "director" }, "何伟")
    complaint.answer(made.id, { round = 1, cause = "刹车片装反", action = "重装并道歉" })
    li()
    complaint.recheck(made.id, { round = 1, result = "satisfied", remark = "接受" })
    for _, place in ipairs { { "call_attempt", "note_sealed" }, { "survey_answer", "reason_sealed" }, { "complaint_minor", "problem_sealed" },
        { "complaint_minor", "reply_sealed" }, { "complaint_minor_event", "text_sealed" }, { "complaint_form", "problem_sealed" },
        { "complaint_answer", "cause_sealed" }, { "complaint_answer", "action_sealed" }, { "complaint_recheck", "remark_sealed" } } do
      local found, n = persons_in(place[1], place[2])
      assert.is_true(n > 0, place[2])
      for _, person in ipairs(found) do assert.equal(bringer, person, place[1] .. "." .. place[2]) end
    end
    local decided = persons_in("host_decision", "facts_sealed")
    for _, person in ipairs(decided) do assert.is_true(person == bringer or person == people(2).owner) end
  end)
end)

describe("erasing", function()
  it("needs the three of domain P, in this order", function()
    begin()
    local bringer = people(1).bringer
    li()
    assert.error_matches(function() archive.erasure_request(bringer, "request") end, "只有主管或总经理")
    sun()
    assert.error_matches(function() archive.erasure_request(bringer, "because") end, "请选择删除的依据")
    local no = archive.erasure_request(bringer, "request")
    assert.equal(no, archive.erasure_request(bringer, "withdrawn"))
    assert.error_matches(function() archive.erasure_approve(no) end, "总经理批准")
    it_man()
    assert.error_matches(function() archive.erase(no) end, "还没有经总经理批准")
    gao()
    archive.erasure_approve(no)
    sun()
    assert.error_matches(function() archive.erase(no) end, "信息员或总经理")
    assert.error_matches(function() archive.erase("SC-1") end, "信息员或总经理")
    it_man()
    assert.error_matches(function() archive.erase("SC-1") end, "没有编号为 SC%-1")
    assert.is_true(archive.erase(no).done)
  end)

  it("is refused with the names of what is open", function()
    local _, made = begin(true)
    sun()
    assert.error_matches(function() archive.erasure_request(people(1).bringer, "request") end, "2026%-11%-21 的一般问题（工单 RO26110001）")
    li()
    complaint.minor_reply(made.id, "好")
    complaint.minor_recheck(made.id, "satisfied")
    sun()
    archive.erasure_request(people(1).bringer, "request")
  end)

  it("is refused while a call is open, also where it was opened after the request", function()
    begin()
    local owner = people(1).owner
    db.run "DELETE FROM call_exclusion"
    db.run "UPDATE call_task SET state = 'done', closed_at = 1"
    sun()
    local no = archive.erasure_request(owner, "request")
    gao()
    archive.erasure_approve(no)
    db.run("UPDATE call_task SET state = 'open', visit_id = ? WHERE id = ?", fixture.visit(2), fixture.task(1).id)
    local name = db.one "SELECT no FROM call_task".no
    it_man()
    assert.error_matches(function() archive.erase(no) end, (name:gsub("%-", "%%-")))
    assert.is_nil(db.one("SELECT erased_at FROM archive_customer WHERE id = ?", owner).erased_at)
  end)

  it("leaves nothing that opens or finds the person, and the others untouched", function()
    local task = begin()
    local p = people(1)
    erase(p.bringer)
    sun()
    local name = db.one("SELECT name FROM archive_customer WHERE id = ?", p.bringer).name
    assert.equal("—", name)
    local phone = db.one("SELECT * FROM archive_phone WHERE customer_id = ?", p.bringer)
    assert.is_nil(phone.number_index)
    assert.is_nil(phone.last4_index)
    assert.equal("***", phone.number_mask)
    local text, how = vault.open("archive_phone", "number_sealed", phone.id, phone.number_sealed)
    assert.equal("erased", how)
    assert.equal("（已按本人要求删除）", text)
    local owner = db.one("SELECT * FROM archive_phone WHERE customer_id = ?", p.owner)
    assert.equal(OWNER, (vault.open("archive_phone", "number_sealed", owner.id, owner.number_sealed)))
    assert.equal("测试1", db.one("SELECT name FROM archive_customer WHERE id = ?", p.owner).name)
    assert.equal(3, survey.sheet(task.sheet_id).sections[1].items[1].value)
  end)

  it("lets old calls, cards, sheets and decisions open, with a sentence in the place of the words", function()
    local task = begin()
    erase(people(1).bringer)
    sun()
    assert.equal("（已按本人要求删除）", tasks.attempts(task.id)[1].note)
    assert.equal("（已按本人要求删除）", survey.sheet(task.sheet_id).sections[1].items[1].reason)
    local view = window.view(window.open(task.id))
    assert.equal("table", type(view.people))
    assert.equal(2, #archive.card(task.visit_id).people)
    local decision = rules.explain(db.one "SELECT decision_id AS id FROM complaint_minor".id)
    assert.equal("（已按本人要求删除）", decision.erased.zh)
    assert.is_nil(next(decision.facts))
    assert.equal("severity", decision.point)
  end)

  it("keeps the counts", function()
    begin()
    local function counted()
      return { db.one "SELECT COUNT(*) AS n FROM archive_visit".n, db.one "SELECT COUNT(*) AS n FROM call_attempt".n,
               db.one "SELECT COUNT(*) AS n, MAX(score) AS s FROM survey_sheet WHERE closed_at IS NOT NULL".s,
               db.one "SELECT COUNT(*) AS n FROM complaint_minor WHERE satisfied = 1".n, db.one "SELECT COUNT(*) AS n FROM archive_vehicle".n }
    end
    local before = counted()
    erase(people(1).bringer)
    assert.same(before, counted())
  end)

  it("keeps what a visit counts as, and the call of the other who brought the car", function()
    begin()
    fixture.orders { { 3, { bringer = "孙送修", bringer_mobile = FRESH, owner = "测试1", owner_mobile = OWNER, car = 3 } } }
    due.run "2026-11-21"
    assert.equal(people(2).owner, people(3).owner)
    local kind = fixture.exclusion(2).kind
    assert.equal("repeat", kind)
    erase(people(2).owner)
    li()
    due.run "2026-11-21"
    assert.equal(kind, fixture.exclusion(2).kind)
    assert.equal("open", fixture.task(3).state)
  end)

  it("lets the day's list decide about a visit of his that nobody had looked at", function()
    begin()
    erase(people(1).bringer)
    db.run("DELETE FROM call_attempt")
    db.run("DELETE FROM call_task")
    due.run "2026-11-21"
    assert.equal("no_call", fixture.exclusion(1).kind)
    assert.is_nil(fixture.task(1))
  end)

  it("takes along what was written about him as a reason", function()
    local task = begin()
    calls.correct(task.id, { reason = "王送修又打来" })
    local phone = db.one("SELECT id FROM archive_phone WHERE customer_id = ?", people(1).bringer).id
    archive.number(phone, "card", "王送修让我打这个号码")
    db.run "UPDATE call_task SET state = 'done', closed_at = 1"
    local n = db.one "SELECT COUNT(*) AS n FROM host_audit_words".n
    erase(people(1).bringer)
    assert.equal(3, n) -- the correction, the sheet that it opened again, the number
    for _, row in ipairs(db.all "SELECT audit_id, words_sealed FROM host_audit_words") do
      local _, how = vault.open("host_audit_words", "words_sealed", row.audit_id, row.words_sealed)
      assert.equal("erased", how)
    end
    sun()
    assert.matches("已按本人要求删除", archive.number(phone, "card", "王送修在吗")) -- an old page opens, and nothing more is kept of him
    assert.equal(n, db.one "SELECT COUNT(*) AS n FROM host_audit_words".n)
    local kept = db.one "SELECT id, reason, reason_sealed FROM call_correction"
    assert.equal("—", kept.reason)
    assert.equal("erased", select(2, vault.open("call_correction", "reason_sealed", kept.id, kept.reason_sealed)))
    -- nothing new is kept about him: no act that did not happen, no reason without its act
    li()
    local acts = db.one "SELECT COUNT(*) AS n FROM host_audit".n
    assert.error_matches(function() audit.write("unmask", "phone:1", "card", "再看一次", people(1).bringer) end, "已按本人要求删除")
    assert.error_matches(function() calls.correct(task.id, { reason = "再改一次" }) end, "已按本人要求删除")
    assert.equal(acts, db.one "SELECT COUNT(*) AS n FROM host_audit".n)
  end)

  it("empties reasons that an earlier version wrote in plain words, which are shown until then", function()
    local task = begin()
    calls.correct(task.id, { reason = "x" })
    db.run "UPDATE call_correction SET reason = '王送修又打来', reason_sealed = NULL"
    db.run "UPDATE complaint_minor SET withdrawn = '王送修没说过', withdrawn_sealed = NULL"
    assert.equal("王送修又打来", tasks.corrections(task.id)[1].reason)
    db.run "UPDATE call_task SET state = 'done', closed_at = 1"
    erase(people(1).bringer)
    assert.equal("—", tasks.corrections(task.id)[1].reason)
    assert.equal("—", db.one "SELECT withdrawn FROM complaint_minor".withdrawn)
  end)

  it("takes the owner from the vehicle", function()
    begin()
    db.run "UPDATE call_task SET state = 'done', closed_at = 1"
    erase(people(1).owner)
    assert.is_nil(db.one "SELECT owner_id FROM archive_vehicle".owner_id)
  end)

  it("gives a certificate in both languages, and twice the same one", function()
    begin()
    local first = erase(people(1).bringer)
    for _, word in ipairs { "删除证明 SC%-20261121%-001", "赵主管", "高翔", "陈工", "第十七条", "2026%-12%-21 之后" } do assert.matches(word, first.zh) end
    for _, word in ipairs { "Certificate of erasure", "article 17, demand at least 6 years", "after 2026%-12%-21 no backup" } do
      assert.matches(word, first.en)
    end
    assert.is_nil(first.zh:find("王送修", 1, true))
    test.now("2026-11-25T10:00")
    assert.same(first, archive.erase(first.no))
    assert.equal(1, db.one "SELECT COUNT(*) AS n FROM host_audit WHERE what = 'erase'".n)
    for _, row in ipairs(db.all "SELECT subject, detail FROM host_audit") do
      assert.is_nil((row.subject .. (row.detail or "")):find("王送修", 1, true))
    end
  end)

  it("is finished by a second run where the first was killed before the key was destroyed", function()
    begin()
    local bringer = people(1).bringer
    local done = erase(bringer)
    -- as it stands after the rows were emptied and nothing else
    db.run("UPDATE archive_erasure SET done_at = NULL, done_by = NULL, gone_on = NULL WHERE no = ?", done.no)
    assert.is_false(archive.certificate(done.no).done)
    assert.is_true(archive.erase(done.no).done)
  end)

  it("is not undone by an older export, and nothing new is kept", function()
    begin()
    local p = people(1)
    erase(p.bringer)
    li()
    fixture.orders { { 1, { bringer = "王送修", bringer_mobile = BRINGER, kind = "事故", why = "王送修不接电话" } } }
    assert.equal(p.bringer, people(1).bringer)
    local again = db.one("SELECT kind, no_call_reason FROM archive_visit WHERE id = ?", fixture.visit(1))
    assert.equal("事故", again.kind)
    assert.is_nil(again.no_call_reason)
    assert.equal("—", db.one("SELECT name FROM archive_customer WHERE id = ?", p.bringer).name)
    assert.equal(0, db.one("SELECT COUNT(*) AS n FROM archive_customer WHERE name = '王送修'").n)
    assert.error_matches(function() archive.add_number(p.bringer, FRESH) end, "已按要求删除")
    assert.error_matches(function() vault.seal("t", "c", 1, "words", p.bringer) end, "不能再记入")
    due.run "2026-11-23" -- decides about the visit of an erased person without falling over
  end)

  it("empties refused lines and given-back files that hold the number", function()
    begin()
    local id = db.one "SELECT id FROM archive_import".id
    db.run("UPDATE archive_import SET refused = 1 WHERE id = ?", id)
    db.run([[INSERT INTO archive_import_note (id, import_id, line, level, code, zh, en, row_sealed) VALUES (1, ?, 9, 'refused', 'vin_form', 'x', 'x', ?)]], id,
      vault.seal("archive_import_note", "row_sealed", 1, '["139 8888 7777"]', 0))
    db.run([[INSERT INTO archive_import_note (id, import_id, line, level, code, zh, en, row_sealed) VALUES (2, ?, 10, 'refused', 'vin_form', 'x', 'x', ?)]], id,
      vault.seal("archive_import_note", "row_sealed", 2, '["13900000000"]', 0))
    local done = erase(people(1).bringer)
    assert.is_nil(db.one "SELECT row_sealed FROM archive_import_note WHERE id = 1".row_sealed)
    assert.equal("string", type(db.one "SELECT row_sealed FROM archive_import_note WHERE id = 2".row_sealed))
    assert.matches("导入提示和被拒绝的行", done.zh)
  end)
end)
