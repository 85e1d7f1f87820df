-- Domain M3 through the real layout: 12 jobs - 1 no-call - 2 repeats = 9; seven successes; 77.8 %, and 7/8 without the refusal.
-- The rows are written as the calls leave them, because the sums are what is tested here, not the calls.
local archive = require "archive"
local clock = require "host.clock"
local db = require "host.db"
local report = require "report.exports"

local HEADINGS = { "工单号", "结算日期", "交车日期", "车牌号", "底盘号", "车主", "服务顾问" }

local function visits(list)
  local id = archive.import_begin {
    file_name = "orders.csv", file_hash = "x", encoding = "UTF-8", delimiter = ",",
    columns = { headings = HEADINGS, fields = archive.guess_columns(HEADINGS).fields },
  }
  local rows = {}
  for i, v in ipairs(list) do
    rows[i] = { line = i + 1, cells = { v.no, v.settled, v.picked or "", "渝AD12345", "LS5TEST10TA000123", "张某", v.advisor } }
  end
  archive.import_rows(id, rows)
  archive.import_end(id)
  local by = {}
  for _, row in ipairs(db.all "SELECT id, order_no FROM archive_visit") do by[row.order_no] = row.id end
  return by
end

local serial
local function task(visit, due, state, result, first)
  serial = serial + 1
  db.run([[INSERT INTO call_task (id, no, visit_id, questionnaire, due_on, state, attempts, result, first_attempt_on, closed_at, decision_id,
    facts_hash, made_at) VALUES (?, ?, ?, 'service-phone', ?, ?, 1, ?, ?, ?, 1, 'h', 1)]], db.id(), "T" .. serial, visit, due, state, result, first,
    state == "done" and clock.at(due, "10:00") or nil)
end

local function exclude(visit, kind)
  db.run([[INSERT INTO call_exclusion (id, visit_id, questionnaire, rule, kind, reason_zh, reason_en, decision_id, facts_hash, at)
    VALUES (?, ?, 'service-phone', 'r', ?, 'x', 'x', 1, 'h', 1)]], db.id(), visit, kind)
end

local RESULTS = { "OK_SAT", "OK_SAT", "OK_SAT", "OK_SAT", "OK_SAT", "OK_SAT", "OK_DIS_SERIOUS", "REFUSED" }

local function m3()
  serial = 0
  local list = {}
  for i = 1, 12 do
    list[i] = { no = ("RO%03d"):format(i), settled = "2026-11-10", picked = "2026-11-10", advisor = i <= 6 and "李工" or "周工" }
  end
  list[13] = { no = "RO013", settled = "2026-11-10", advisor = "周工" }
  list[14] = { no = "RO014", settled = "2026-10-30", picked = "2026-10-31", advisor = "周工" }
  local by = visits(list)
  for i, result in ipairs(RESULTS) do task(by[list[i].no], "2026-11-13", "done", result, i == 1 and "2026-11-14" or "2026-11-13") end
  task(by.RO009, "2026-11-13", "contact_fix", nil, "2026-11-12")
  exclude(by.RO010, "no_call")
  exclude(by.RO011, "repeat")
  exclude(by.RO012, "repeat")
end

local function text_of(r, id)
  for _, block in ipairs(r.blocks) do
    for _, item in ipairs(block.items or {}) do
      if item.id == id then return item.text end
    end
  end
end

describe("the month of M3", function()
  before_each(function()
    test.now("2026-11-30T18:00")
    test.as("chen", { "supervisor" })
    m3()
  end)

  it("has the rates of M3", function()
    local r = report.run("month-service", { month = "2026-11" })
    local f = r.figures
    assert.equal(12, f.jobs)
    assert.equal(9, f.denominator)
    assert.equal(7, f.success)
    assert.equal("77.8 %", text_of(r, "rate"))
    assert.equal("87.5 %", text_of(r, "rate_without_refused"))
    assert.equal(9, f.due)
    assert.equal(7, f.due_success, "what coverage is reckoned from stands beside it")
    assert.equal("7", text_of(r, "due_success"))
    assert.equal("77.8 %", text_of(r, "coverage"))
    assert.equal("88.9 %", text_of(r, "timely"))
  end)

  it("leaves out what is not picked up and what was settled in another month", function()
    assert.equal(1, report.run("month-service", { month = "2026-10" }).figures.jobs)
    local empty = report.run("month-service", { month = "2026-01" })
    assert.equal(0, empty.figures.jobs)
    assert.equal("—", text_of(empty, "rate"))
    assert.equal("—", text_of(empty, "coverage"))
    assert.equal("—", text_of(empty, "score"))
  end)

  it("splits by advisor so that the parts make the whole", function()
    local f = report.run("month-service", { month = "2026-11" }).figures
    local jobs, success, denominator = 0, 0, 0
    for _, a in ipairs(f.advisors) do jobs, success, denominator = jobs + a.jobs, success + a.success, denominator + a.denominator end
    assert.equal(f.jobs, jobs)
    assert.equal(f.success, success)
    assert.equal(f.denominator, denominator)
    local stand = 0
    for _, row in ipairs(f.results) do stand = stand + row.n end
    assert.equal(f.denominator, stand)
  end)

  it("counts a job with a successful call even if it was excluded later", function()
    local visit = db.one("SELECT visit_id FROM call_task WHERE result = 'OK_SAT' LIMIT 1").visit_id
    exclude(visit, "repeat")
    assert.equal(9, report.run("month-service", { month = "2026-11" }).figures.denominator)
  end)

  it("says what it was made from, and the hash follows the rows", function()
    local a = report.run("month-service", { month = "2026-11" }).provenance
    assert.equal(64, #a.data_hash)
    assert.equal("2026-11-30", a.cut_off_day)
    assert.equal(a.data_hash, report.run("month-service", { month = "2026-11" }).provenance.data_hash)
    db.run "UPDATE call_task SET result = 'OK_SAT' WHERE result = 'REFUSED'"
    assert.is_true(a.data_hash ~= report.run("month-service", { month = "2026-11" }).provenance.data_hash)
  end)

  it("prints for a terminal in both languages and as CSV with a BOM", function()
    local zh, en = report.text("month-service", { month = "2026-11" }, "zh"), report.text("month-service", { month = "2026-11" }, "en")
    assert.is_true(zh:find("电话回访率", 1, true) ~= nil and zh:find("77.8 %", 1, true) ~= nil)
    assert.is_true(en:find("Call-back rate", 1, true) ~= nil and en:find("small n", 1, true) ~= nil)
    assert.equal("\239\187\191", report.run("month-service", { month = "2026-11" }).csv:sub(1, 3))
    local sheet = report.run("month-service", { month = "2026-11" }).csv
    assert.is_nil(sheet:find("%%（小样本）"), "a cell of the sheet holds the figure alone")
    assert.is_true(sheet:find(" %%,小样本\r?\n") ~= nil)
  end)

  it("names the reports there are when asked for another", function()
    assert.error_matches(function() report.run("nothing", { month = "2026-11" }) end, "month-service")
  end)
end)
