-- The sheet: one filled questionnaire. It names its definition by hash, so a question changed at noon changes nothing in a sheet that
-- was begun in the morning. Each answer is one row, written at once; a sheet is closed once, and what it came to is written then.

local db = require "host.db"
local vault = require "host.vault"
local json = require "host.json"
local rules = require "host.rules"
local clock = require "host.clock"
local definition = require "host.definition"
local who = require "host.who"
local reckon = require "survey.reckon"
local answers = require "survey.answers"

local M = {}

local function refuse(zh, en) error({ zh = zh, en = en }, 0) end

local function row_of(id)
  local row = db.one("SELECT * FROM survey_sheet WHERE id = ?", id)
  if not row then refuse("找不到这份答卷，请回到列表重新打开。", "This sheet does not exist; go back to the list and open it again.") end
  return row
end

local function definition_of(row)
  local d = definition(row.definition_hash)
  if not d then
    refuse(("问卷“%s”%s 的内容已不在库中，请让 IT 运行 forecourt doctor。"):format(row.questionnaire, row.version),
      ("Questionnaire '%s' %s is no longer in the store; ask IT to run forecourt doctor."):format(row.questionnaire, row.version))
  end
  return d
end

local function live(id)
  local d = definition("questionnaires", id)
  if not d then
    refuse(("没有生效的问卷“%s”，请让 IT 检查问卷包。"):format(id), ("No questionnaire '%s' is in force; ask IT to check the packs."):format(id))
  end
  return d
end

local function each_item(q, fn)
  for _, section in ipairs(q.sections) do
    for _, item in ipairs(section.items) do fn(item, section) end
  end
end

local function item_of(q, id)
  local found
  each_item(q, function(item) if item.id == id then found = item end end)
  if not found then
    refuse("这份答卷里没有这道题，请刷新页面。", "This sheet has no such question; reload the page.")
  end
  return found
end

local function kept_value(row)
  if row.kind == "rate" then return math.tointeger(row.number) or row.number end
  if row.kind == "multi" then return json.decode(row.word) end
  if row.kind == "text" then return vault.open("survey_answer", "text:" .. row.item, row.sheet_id, row.text_sealed) end
  return row.word
end

local function load_answers(sheet_id)
  local values, reasons = {}, {}
  for _, row in ipairs(db.all("SELECT * FROM survey_answer WHERE sheet_id = ?", sheet_id)) do
    values[row.item] = kept_value(row)
    if row.reason_sealed then
      reasons[row.item] = vault.open("survey_answer", "reason:" .. row.item, sheet_id, row.reason_sealed)
    end
  end
  return values, reasons
end

local function reckoned(sheet)
  sheet.got = reckon.run(sheet.q, sheet.values, rules.test, sheet.reasons)
  return sheet
end

local function load_sheet(id)
  local sheet = { row = row_of(id) }
  sheet.q = definition_of(sheet.row).data
  sheet.values, sheet.reasons = load_answers(id)
  return reckoned(sheet)
end

local function item_view(sheet, item)
  local value = sheet.values[item.id]
  return { id = item.id, kind = item.kind, title = item.title, hint = item.hint, options = item.options,
           shown = sheet.got.shown[item.id] == true, value = value, reason = sheet.reasons[item.id],
           ask_reason = reckon.asks_reason(item, value) }
end

local function view(sheet)
  local row, got, q = sheet.row, sheet.got, sheet.q
  local out = { id = row.id, questionnaire = row.questionnaire, version = row.version, hash = row.definition_hash, title = q.title,
                intro = q.intro, consent = q.consent, closing = q.closing, branches = q.branches, closed = row.closed_at ~= nil,
                answered = got.answered, total = got.total, score = got.score, unhappy = got.unhappy, serious = got.serious,
                problems = json.array(got.problems), sections = {} }
  for i, section in ipairs(q.sections) do
    local s = { id = section.id, title = section.title, script = section.script, weight = section.weight,
                shown = got.shown_section[section.id] == true, mean = got.sections[i].mean, items = {} }
    for _, item in ipairs(section.items) do s.items[#s.items + 1] = item_view(sheet, item) end
    out.sections[#out.sections + 1] = s
  end
  return out
end

-- o = { questionnaire, subject = {kind, id}, asked_by?, person? }: person: whose answers they are, for sealing
function M.start(o)
  local d = live(o.questionnaire)
  local id = db.id()
  db.run([[INSERT INTO survey_sheet (id, questionnaire, version, definition_hash, subject_kind, subject_id, person_id, asked_by, started_at)
           VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)]],
    id, d.id, d.version, d.hash, o.subject[1], o.subject[2], o.person or 0, o.asked_by or who.actor().login, clock.now())
  return id
end

-- A sheet without answers takes the version that is in force now; one with answers keeps its own. Returns true if it changed.
function M.renew(id)
  return db.tx(function()
    local row = row_of(id)
    local d = definition("questionnaires", row.questionnaire)
    if row.closed_at or not d or d.hash == row.definition_hash then return false end
    return db.run([[UPDATE survey_sheet SET version = ?, definition_hash = ? WHERE id = ? AND closed_at IS NULL
                    AND NOT EXISTS (SELECT 1 FROM survey_answer WHERE sheet_id = survey_sheet.id)]], d.version, d.hash, id) == 1
  end)
end

function M.sheet(id) return view(load_sheet(id)) end

local function open_sheet(id)
  local sheet = load_sheet(id)
  if sheet.row.closed_at then
    refuse("这份答卷已经完成；要修改请用“更正”，并写明原因。", "This sheet is closed; to change it use 'Correct' and give the reason.")
  end
  return sheet
end

local function columns_of(item, row, value)
  if item.kind == "rate" then return value, nil, nil end
  if item.kind == "multi" then return nil, json.encode(json.array(value)), nil end
  if item.kind == "text" then return nil, nil, vault.seal("survey_answer", "text:" .. item.id, row.id, value, row.person_id) end
  return nil, value, nil
end

local function write_answer(item, row, value, reason)
  local number, word, sealed = columns_of(item, row, value)
  local reason_sealed = vault.seal("survey_answer", "reason:" .. item.id, row.id, reason, row.person_id)
  db.run([[INSERT INTO survey_answer (sheet_id, item, kind, number, word, text_sealed, reason_sealed, answered_at, answered_by)
           VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
           ON CONFLICT (sheet_id, item) DO UPDATE SET number = excluded.number, word = excluded.word, text_sealed = excluded.text_sealed,
             reason_sealed = excluded.reason_sealed, answered_at = excluded.answered_at, answered_by = excluded.answered_by,
             changes = survey_answer.changes + 1]],
    row.id, item.id, item.kind, number, word, sealed, reason_sealed, clock.now(), who.actor().login)
end

local function same(a, b)
  if type(a) ~= "table" or type(b) ~= "table" then return a == b end
  if #a ~= #b then return false end
  for i = 1, #a do if a[i] ~= b[i] then return false end end
  return true
end

-- Keeps one answer; sent twice it changes nothing. reason: nil leaves the one that stands, a blank one removes it. Returns the sheet.
function M.answer(id, item_id, value, reason)
  return db.tx(function()
    local sheet = open_sheet(id)
    local item = item_of(sheet.q, item_id)
    if not sheet.got.shown[item_id] then
      refuse("这道题按现在的回答不需要问。", "With the answers so far this question is not asked.")
    end
    value = answers.value(item, value)
    if reason == nil then reason = sheet.reasons[item_id] end
    reason = answers.words(reason)
    if reason and not reason:find "%S" then reason = nil end
    if not reckon.answered(value) then return M.clear(id, item_id) end
    if same(sheet.values[item_id], value) and sheet.reasons[item_id] == reason then return view(sheet) end
    write_answer(item, sheet.row, value, reason)
    sheet.values[item_id], sheet.reasons[item_id] = value, reason
    return view(reckoned(sheet))
  end)
end

function M.clear(id, item_id)
  return db.tx(function()
    item_of(open_sheet(id).q, item_id)
    db.run("DELETE FROM survey_answer WHERE sheet_id = ? AND item = ?", id, item_id)
    return M.sheet(id)
  end)
end

local function write_closing(sheet, got)
  local id = sheet.row.id
  db.run("UPDATE survey_sheet SET closed_at = ?, score = ?, unhappy = ?, serious = ? WHERE id = ? AND closed_at IS NULL",
    clock.now(), got.score, got.unhappy, got.serious, id)
  db.run("DELETE FROM survey_section_score WHERE sheet_id = ?", id)
  for _, s in ipairs(got.sections) do
    db.run("INSERT INTO survey_section_score (sheet_id, section, weight, mean, rated) VALUES (?, ?, ?, ?, ?)",
      id, s.id, s.weight, s.mean, s.rated)
  end
end

-- What the sheet comes to, without closing it.
function M.outcome(id)
  local sheet = load_sheet(id)
  local got = sheet.got
  return { score = got.score, unhappy = got.unhappy, serious = got.serious, facts = got.facts, problems = json.array(got.problems),
           answered = got.answered, total = got.total }
end

function M.close(id)
  return db.tx(function()
    local sheet = open_sheet(id)
    write_closing(sheet, sheet.got)
    return M.outcome(id)
  end)
end

function M.reopen(id, reason)
  db.tx(function()
    if type(reason) ~= "string" or not reason:find "%S" then
      refuse("请写明重新打开答卷的原因。", "Give the reason for opening the sheet again.")
    end
    local sheet = row_of(id)
    if not sheet.closed_at then return end
    db.run("UPDATE survey_sheet SET closed_at = NULL, score = NULL, unhappy = NULL, serious = NULL WHERE id = ?", id)
    db.run("DELETE FROM survey_section_score WHERE sheet_id = ?", id)
    require("host.audit").write("sheet.reopen", "sheet:" .. id, nil, reason, sheet.person_id)
  end)
end

return M
