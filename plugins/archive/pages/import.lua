-- The clerk's way of importing: choose a file, look at its columns, start, watch, read what became of it.
local clock = require "host.clock"
local csv = require "host.csv"
local db = require "host.db"
local file = require "host.file"
local jobs = require "host.jobs"
local json = require "host.json"
local page = require "host.page"
local text = require "host.text"
local who = require "host.who"
local audit = require "host.audit"
local clean = require "archive.clean"
local columns = require "archive.columns"
local fields = require "archive.fields"
local import = require "archive.import"
local line = require "archive.line"
local notes = require "archive.notes"
local sample = require "archive.sample"
local show = require "archive.show"

local WHO = { "specialist", "supervisor", "it" }
local TITLE = { zh = "导入工单", en = "Import work orders" }
local LOOK, SAMPLES, NOTES = 40, 3, 200
local COUNTS = { "read", "new", "updated", "skipped", "refused", "warned" }

-- ---------------------------------------------------------------------------------------------- earlier imports

local function earlier(lang)
  local rows, names = json.array {}, who.names()
  for i, row in ipairs(db.all([[SELECT id, file_name, actor, started_at, ended_at, read, new, updated, skipped, refused, warned
      FROM archive_import ORDER BY id DESC LIMIT 30]])) do
    row.at, row.by, row.ended = show.instant(row.started_at, lang), names[row.actor] or row.actor, row.ended_at ~= nil
    rows[i] = row
  end
  return rows
end

-- ---------------------------------------------------------------------------------------------- columns of a file

-- Uploads are remembered until their import is done, so that one whose clerk went away does not stay: it holds numbers in the clear.
local KEPT_MS = 24 * 3600 * 1000

local function keep_upload(path)
  db.run("INSERT INTO archive_upload (name, at) VALUES (?, ?)", path, clock.now())
  local old = db.all("SELECT name FROM archive_upload WHERE at < ?", clock.now() - KEPT_MS)
  for _, row in ipairs(old) do
    file.remove(row.name)
    db.run("DELETE FROM archive_upload WHERE name = ?", row.name)
  end
end

local function drop_upload(path)
  file.remove(path)
  db.run("DELETE FROM archive_upload WHERE name = ?", path)
end

-- Only what was uploaded here may be named by a form.
local function known_upload(path)
  if not db.one("SELECT name FROM archive_upload WHERE name = ?", path) then
    error({ zh = "这个文件已经不在了，请重新选择", en = "this file is gone: choose it again" }, 0)
  end
end

-- A sentence about the site's copy speaks of the file as the clerk knows it.
local function open_table(path, name)
  local done, t = pcall(csv.open, path)
  if done then return t end
  if type(t) ~= "table" or not t.zh then error(t, 0) end
  local pattern, plain = "[^%s]*" .. path:gsub("%p", "%%%0"), name:gsub("%%", "%%%%")
  error({ zh = t.zh:gsub(pattern, plain), en = t.en:gsub(pattern, plain) }, 0)
end

local function first_rows(path, name)
  local rows, t = {}, open_table(path, name)
  for i = 1, LOOK do
    local _, cells = t:next()
    if not cells then break end
    rows[i] = cells
  end
  local info = { encoding = t.encoding, delimiter = t.delimiter == "\t" and "TAB" or t.delimiter }
  t:close()
  return rows, info
end

local function options_for(chosen, lang)
  local out = json.array {}
  for i, field in ipairs(fields.list) do
    out[i] = { value = field.id, title = field[lang], chosen = field.id == chosen, required = field.required or false }
  end
  return out
end

-- Rows of different orders say more than the lines of one.
local function sample_rows(header, rows)
  local at, out, seen = nil, {}, {}
  for i, field in ipairs(header.fields) do at = at or field == "order_no" and i or nil end
  for n = header.at + 1, #rows do
    local key = at and clean.cell(rows[n][at]) or not at and n
    if key and not seen[key] and not line.is_blank(rows[n]) and #out < SAMPLES then
      seen[key] = true
      out[#out + 1] = rows[n]
    end
  end
  return out
end

local function columns_of(header, rows, lang)
  local out, samples = json.array {}, sample_rows(header, rows)
  for i, heading in ipairs(header.headings) do
    local column = { number = i, heading = text.clean(heading), field = header.fields[i], options = options_for(header.fields[i], lang),
      known = header.fields[i] ~= "", ours = header.fields[i] == "ignore", kept = header.fields[i] == "" and not line.is_private_heading(heading),
      cells = json.array {} }
    for n = 1, SAMPLES do
      local row = samples[n]
      column.cells[n] = row and sample(row[i], header.fields[i]) or ""
    end
    out[i] = column
  end
  return out
end

local function problems_of(header, lang)
  local out = json.array {}
  for i, problem in ipairs(header.problems) do out[i] = problem[lang] end
  return out
end

local function check_page(path, name, rows, info, header, lang)
  local unknown = 0
  for _, field in ipairs(header.fields) do unknown = unknown + (field == "" and 1 or 0) end
  return { file = path, name = name, encoding = info.encoding, delimiter = info.delimiter, header_row = header.at,
    columns = columns_of(header, rows, lang), problems = problems_of(header, lang), has_problems = #header.problems > 0,
    remembered = header.remembered, unknown = unknown, has_unknown = unknown > 0, mapped = #header.fields - unknown }
end

local function header_or_error(rows, name)
  local header = import.header(rows, true)
  if not header then
    error({ zh = ("“%s”里没有表格：第一行应是列名，如“工单号”“车架号”。请重新导出后再试"):format(name),
      en = ("there is no table in “%s”: its first row should hold headings as 工单号 and 车架号. Export it again"):format(name) }, 0)
  end
  return header
end

local function same(a, b)
  for i = 1, math.max(#a, #b) do
    if (a[i] or "") ~= (b[i] or "") then return false end
  end
  return true
end

local function chosen_columns(header, given)
  local out = {}
  for i = 1, #header.headings do
    local field = given[i] or "-"
    out[i] = fields.by_id[field] and field or header.fields[i] == "ignore" and "ignore" or ""
  end
  return out
end

-- Where two columns share a name and none was chosen, the question is still open.
local function still_open(header, chosen, problems)
  for _, problem in ipairs(header.problems) do
    local answered = #problem.columns < 2
    for _, field in ipairs(chosen) do answered = answered or field == problem.field end
    if not answered then problems[#problems + 1] = problem end
  end
end

local function check(req)
  local upload, name = req.files.file, text.clean(req.files.file.filename)
  keep_upload(upload.path)
  local done, result = pcall(function()
    local rows, info = first_rows(upload.path, name)
    return check_page(upload.path, name, rows, info, header_or_error(rows, name), req.lang)
  end)
  if not done then
    drop_upload(upload.path)
    error(result, 0)
  end
  return result
end

local function start(req)
  local p = req.params
  known_upload(p.file)
  local rows, info = first_rows(p.file, p.name)
  local header = header_or_error(rows, p.name)
  if #(p.fields or {}) ~= #header.headings then
    error({ zh = "列数和文件不一致，请重新选择文件", en = "the columns do not fit the file: choose it again" }, 0)
  end
  local chosen = chosen_columns(header, p.fields)
  local guess = columns.guess(header.headings, chosen, table.move(rows, header.at + 1, #rows, 1, {}))
  still_open(header, chosen, guess.problems)
  if #guess.problems > 0 then
    header.fields, header.problems = guess.fields, guess.problems
    return check_page(p.file, p.name, rows, info, header, req.lang)
  end
  local known = import.header(rows)
  if not known or #known.problems > 0 or not same(guess.fields, known.fields) then import.remember(header.headings, guess.fields) end
  local job = jobs.start("import-dms", { file = p.file, name = p.name })
  db.run("DELETE FROM archive_upload WHERE name = ?", p.file) -- the import removes it
  return page.redirect("/import/run/" .. tostring(job))
end

-- ---------------------------------------------------------------------------------------------- a running import

local function the_job(id)
  local job = jobs.get(id)
  if not job or job.script ~= "import-dms" then error({ zh = "没有这次导入", en = "there is no such import" }, 0) end
  return job
end

local function cancel(req)
  local job = the_job(req.params.id)
  if job.actor ~= who.actor().login and not who.has("supervisor", "it") then
    error({ zh = "只有启动者、主管或信息员可以取消", en = "only who started it, the supervisor or IT may cancel it" }, 0)
  end
  jobs.cancel(job.id)
  return page.redirect("/import/run/" .. tostring(job.id))
end

local function job_view(id, lang)
  local job = the_job(id)
  local total = job.total or 0
  local out = { id = id, running = job.state == "queued" or job.state == "running", queued = job.state == "queued", done = job.state == "done",
    failed = job.state == "failed", cancelled = job.state == "cancelled", percent = total > 0 and math.min(job.done * 100 // total, 100) or 0,
    what = job.what and text.pick(job.what, lang), error = job.error and text.pick(job.error, lang) }
  if out.done and job.result then
    out.counts, out.import = job.result.summary, job.result.import
    out.has_refused, out.has_warned = job.result.summary.refused > 0, job.result.summary.warned > 0
    local due = job.result.due
    out.due = due and due.new_tasks and { new = due.new_tasks } or nil
  end
  return out
end

-- ---------------------------------------------------------------------------------------------- what became of it

local function notes_of(import_id, lang)
  local out = json.array {}
  for i, row in ipairs(db.all([[SELECT line, level, code, zh, en FROM archive_import_note WHERE import_id = ?
      ORDER BY CASE level WHEN 'refused' THEN 0 ELSE 1 END, line, id LIMIT ?]], import_id, NOTES)) do
    local remedy = notes.remedy(row.code)
    out[i] = { line = row.line, refused = row.level == "refused", reason = lang == "en" and row.en or row.zh, remedy = remedy[lang] }
  end
  return out
end

local function import_row(id)
  local row = db.one("SELECT * FROM archive_import WHERE id = ?", id)
  if not row then error({ zh = "没有这次导入", en = "there is no such import" }, 0) end
  return row
end

local function detail(req)
  local row = import_row(req.params.id)
  local out = { id = row.id, file_name = row.file_name, at = show.instant(row.started_at, req.lang), by = who.names()[row.actor] or row.actor,
    encoding = row.encoding, ended = row.ended_at ~= nil, notes = notes_of(row.id, req.lang), counts = {}, has_refused = row.refused > 0 }
  for _, key in ipairs(COUNTS) do out.counts[key] = row[key] end
  out.has_notes, out.cut = #out.notes > 0, #out.notes == NOTES and NOTES or nil
  return out
end

local function refused(req)
  local row = import_row(req.params.id)
  audit.write("export", "import:" .. row.id, ("refused lines: %d"):format(row.refused))
  local day = clock.split(row.started_at)
  return page.file { name = ("refused-%s-%s.csv"):format(day, row.id), type = "text/csv; charset=utf-8",
    bytes = csv.write(import.refused_rows(row.id, req.lang)) }
end

return {
  page "GET /import" {
    who = WHO, template = "import.html", title = TITLE, menu = { zh = "导入工单", en = "Import", icon = "file-import", order = 40 },
    function(req)
      local list = earlier(req.lang)
      return { imports = list, any = #list > 0 }
    end,
  },
  page "POST /import/check" {
    who = WHO, params = { file = "file!" }, template = "import_check.html", title = TITLE, check,
  },
  page "POST /import/start" {
    who = WHO, params = { file = "string:400!", name = "string:200!", fields = "list" }, template = "import_check.html", title = TITLE, start,
  },
  page "GET /import/run/:id" {
    who = WHO, params = { id = "id!" }, template = "import_run.html", title = TITLE,
    function(req) return job_view(req.params.id, req.lang) end,
  },
  page "POST /import/cancel/:id" {
    who = WHO, params = { id = "id!" }, title = TITLE, cancel,
  },
  page "GET /import/progress/:id" {
    who = WHO, params = { id = "id!" }, template = "import_progress.html", frame = false,
    function(req) return job_view(req.params.id, req.lang) end,
  },
  page "GET /import/:id" { who = WHO, params = { id = "id!" }, template = "import_detail.html", title = TITLE, detail },
  page "GET /import/:id/refused.csv" { who = WHO, params = { id = "id!" }, refused },
}
