-- Takes the work orders of a dealer system's export into the archive, then lets the list of calls follow.
--
--   forecourt run import-dms --file ORDERS.csv [--json]
--
-- The file is read twice: first to its end, so that one which cannot be read changes nothing; then in batches of 500 lines, each a
-- transaction. An import that was stopped is simply run again: what is known already is skipped.
local script = require "host.script"

local BATCH, LOOK, TOLD = 500, 40, 200

local function fail(zh, en) error({ zh = zh, en = en }, 0) end

-- The first records, and how many there are in all; an unreadable place raises here.
local function survey_file(csv, progress, name)
  local head, n = {}, 0
  local table_ = csv.open(name)
  local info = { encoding = table_.encoding, delimiter = table_.delimiter, size = table_.size }
  while true do
    local line, cells = table_:next()
    if not line then break end
    n = n + 1
    if n <= LOOK then head[n] = cells end
    if n % 5000 == 0 then progress(table_:position() // 10, table_.size, { zh = "正在检查文件", en = "checking the file" }) end
  end
  table_:close()
  return head, info
end

local function sentence(problems, lang)
  local out = {}
  for i, problem in ipairs(problems) do out[i] = problem[lang] end
  return table.concat(out, lang == "zh" and "；" or "; ")
end

local function header_of(archive, head, name)
  local header = archive.find_header(head)
  if not header then
    fail(("%s：前 %d 行里找不到表头：表头至少要有“工单号”或“车架号（VIN）”和另一个认得的列名。请核对文件，或在工作台的“导入”中选列，或由信息员在插件中补充列名")
        :format(name, LOOK - 10),
      ("%s: no header in the first %d rows: it needs the order number or the VIN and one more known heading. Check the file, choose the columns"
        .. " under “Import” in the console, or let IT add the headings in a plugin"):format(name, LOOK - 10))
  end
  if #header.problems > 0 then
    fail(("%s：%s（在工作台的“导入”中选列，选过一次就会记住）"):format(name, sentence(header.problems, "zh")),
      ("%s: %s (choose it under “Import” in the console; it is remembered)"):format(name, sentence(header.problems, "en")))
  end
  return header
end

local function add(total, part)
  for _, key in ipairs { "read", "new", "updated", "skipped", "refused", "warned" } do total[key] = (total[key] or 0) + part[key] end
  for _, note in ipairs(part.notes) do
    if #total.notes < TOLD then total.notes[#total.notes + 1] = note end
  end
end

local function said(total)
  return { zh = ("已读 %d 行，新增 %d，更新 %d"):format(total.read, total.new, total.updated),
           en = ("%d lines read, %d new, %d updated"):format(total.read, total.new, total.updated) }
end

local function import_lines(archive, csv, progress, name, header, import_id)
  local total, batch, n = { read = 0, new = 0, updated = 0, skipped = 0, refused = 0, warned = 0, notes = {} }, {}, 0
  local table_ = csv.open(name)
  local function flush()
    if #batch == 0 then return end
    add(total, archive.import_rows(import_id, batch))
    batch = {}
    progress(table_.size // 10 + table_:position() * 9 // 10, table_.size, said(total))
  end
  while true do
    local line, cells = table_:next()
    if not line then break end
    n = n + 1
    if n > header.at then batch[#batch + 1] = { line = line, cells = cells } end
    if #batch == BATCH then flush() end
  end
  flush()
  table_:close()
  return total
end

-- The refused lines as a file beside the site's others: only where nobody can download it from the console.
local function give_back(archive, csv, file, who, import_id, total)
  if total.refused == 0 or who.actor().kind ~= "cli" then return nil end
  local name = ("refused-%s.csv"):format(import_id)
  file.write(name, csv.write(archive.refused_rows(import_id, who.lang())))
  return name
end

local function due_calls(today)
  local plugins = require "host.plugins"
  for _, plugin in ipairs(plugins.list()) do
    if plugin.id == "callback" then
      local result = require("callback").due(today)
      return result.summary or result
    end
  end
end

-- What --json prints before its last line.
local function told_of(notes, refused_file, due)
  local out = {}
  for i, note in ipairs(notes) do
    note.type = "note"
    out[i] = note
  end
  if refused_file then out[#out + 1] = { type = "refused_file", file = "data/files/" .. refused_file } end
  if due then out[#out + 1] = { type = "due_calls", result = due } end
  return out
end

local function import_file(name, shown)
  local archive, csv, file = require "archive", require "host.csv", require "host.file"
  local clock, progress, who = require "host.clock", require "host.progress", require "host.who"
  local head, info = survey_file(csv, progress, name)
  local header = header_of(archive, head, shown)
  local import_id = archive.import_begin {
    file_name = shown, file_hash = file.hash(name), encoding = info.encoding, delimiter = info.delimiter,
    columns = { headings = header.headings, fields = header.fields },
  }
  local done, total = pcall(import_lines, archive, csv, progress, name, header, import_id)
  if not done then
    archive.import_stop(import_id)
    error(total, 0)
  end
  local summary = archive.import_end(import_id)
  local refused_file = give_back(archive, csv, file, who, import_id, total)
  local due = due_calls(clock.today())
  return { summary = summary, import = tostring(import_id), lines = told_of(total.notes, refused_file, due), refused_file = refused_file, due = due }
end

-- A sentence about the site's copy speaks of the file as the operator knows it.
local function renamed(e, name, shown)
  if type(e) ~= "table" or not e.zh then return e end
  local pattern = "[^%s]*" .. name:gsub("%p", "%%%0")
  local plain = shown:gsub("%%", "%%%%")
  return { zh = e.zh:gsub(pattern, plain), en = e.en:gsub(pattern, plain) }
end

-- The copy goes, whatever becomes of the import: it holds every customer's number in the clear.
local function run(params)
  local bare = params.file:gsub("^run%-%d+%-%d+%-", ""):gsub("^%d%d%d%d%d%d%d%d%d%d+%-", "") -- what `run` put in front of the name
  local shown = require("host.text").clean(params.name or bare)
  local done, result = pcall(import_file, params.file, shown)
  require("host.file").remove(params.file)
  if not done then error(renamed(result, params.file, shown), 0) end
  return result
end

local function lines_of(result, lang)
  local zh, s, out = lang == "zh", result.summary, {}
  local notes = 0
  for _, note in ipairs(result.lines) do
    if note.type == "note" then
      notes = notes + 1
      if notes <= 30 then out[notes] = (zh and "第 %d 行：%s" or "line %d: %s"):format(note.line, note[lang]) end
    end
  end
  if notes > 30 then out[#out + 1] = zh and "（其余见工作台“导入”）" or "(the others stand under “Import” in the console)" end
  out[#out + 1] = (zh and "共读 %d 行：新增 %d，更新 %d，跳过 %d，拒绝 %d，带提醒 %d" or
    "%d lines read: %d new, %d updated, %d skipped, %d refused, %d with a warning"):format(s.read, s.new, s.updated, s.skipped, s.refused, s.warned)
  if result.refused_file then
    out[#out + 1] = (zh and "被拒绝的行在 data/files/%s：改正后可直接再导入" or "the refused lines are in data/files/%s: correct them and import that file")
      :format(result.refused_file)
  end
  return table.concat(out, "\n")
end

return script "import-dms" {
  title = { zh = "导入 DMS 工单", en = "Import work orders" },
  about = { zh = "读入经销商系统导出的工单（CSV、制表符文本或 .xlsx），归档客户、车辆和维修记录；重复导入不会重复归档。",
            en = "Reads work orders exported from the dealer system (CSV or tab text) into the archive; importing twice files nothing twice." },
  who = { "specialist", "supervisor", "it" },
  params = {
    script.file "file" { title = { zh = "工单文件", en = "File of work orders" }, required = true,
      hint = { zh = "CSV、制表符文本（UTF-8、GB18030 或 UTF-16）或 .xlsx", en = "CSV or tab text in UTF-8, GB18030 or UTF-16, or .xlsx" } },
    script.string "name" { title = { zh = "显示的文件名", en = "File name to show" } },
  },
  run = run,
  text = function(result) return { zh = lines_of(result, "zh"), en = lines_of(result, "en") } end,
}
