-- Finds the header of a table and says which column fills which field.
--
-- A heading is known by the synonyms of the point import_columns. A row is the header if more of its cells are known than of any
-- other of the first rows and the order number or the VIN is among them; two rows that are one header with merged cells
-- ("车主 | | 送修人" over "姓名 | 手机 | 姓名") are read as one. Two columns of one heading are told apart by their content or refused.
local clean = require "archive.clean"
local fields = require "archive.fields"
local point = require "host.point"
local vault = require "host.vault"

local columns = {}
local LOOK = 30 -- rows in which a header may stand

local function known_headings()
  local known = {}
  for _, definition in ipairs(point "import_columns") do
    for field, names in pairs(definition.data.columns or {}) do
      for _, name in ipairs(names) do known[clean.heading(name)] = field end
    end
  end
  return known
end

-- field -> dictionary number -> word
function columns.words()
  local words = {}
  for _, definition in ipairs(point "import_columns") do
    for field, list in pairs(definition.data.words or {}) do
      words[field] = words[field] or {}
      for number, word in pairs(list) do words[field][number] = word end
    end
  end
  return words
end

local function guess_one(heading, known)
  if heading == "" then return "" end
  return known[heading] or known[heading:gsub("号码$", "号")] or ""
end

local function guess_all(headings, known)
  local out = {}
  for i, heading in ipairs(headings) do out[i] = guess_one(clean.heading(heading), known) end
  return out
end

-- Headings of two header rows: the upper cell counts for the empty ones to its right.
local function combined(upper, lower)
  local out, above = {}, ""
  for i = 1, math.max(#upper, #lower) do
    local top, low = clean.cell(upper[i]), clean.cell(lower[i])
    if top then above = top end
    out[i] = low and above ~= "" and not (top and not low) and above .. ":" .. low or top or low or ""
  end
  return out
end

local function distinct(guesses)
  local n, seen = 0, {}
  for _, field in ipairs(guesses) do
    if field ~= "" and field ~= "ignore" and not seen[field] then seen[field], n = true, n + 1 end
  end
  return n, seen
end

local function looks_like_data(row)
  for _, cell in ipairs(row) do
    if cell:find("%d%d%d%d") then return true end
  end
  return false
end

-- The same headings of the lower row may be known alone (工单号) or below their upper one (车主:手机).
local function guess_combined(upper, lower, known)
  local headings, alone = combined(upper, lower), {}
  local guesses = guess_all(headings, known)
  for i, field in ipairs(guesses) do
    if field == "" and lower[i] then
      alone[i] = guess_one(clean.heading(lower[i]), known)
      if alone[i] ~= "" and not clean.cell(upper[i]) or headings[i] == lower[i] then guesses[i] = alone[i] end
    end
  end
  return headings, guesses
end

-- ---------------------------------------------------------------------------------------------- content

local READ = {
  vin = function(s) return clean.vin(s) ~= nil end,
  plate = function(s) return clean.plate(s) ~= nil end,
  phone = function(s) return #clean.phones(s) > 0 end,
  date = function(s) return clean.date(s) ~= nil end,
  money = function(s) return clean.money(s) ~= nil end,
  km = function(s) return clean.km(s) ~= nil end,
  yesno = function(s) return clean.yesno(s) ~= nil end,
}
local TELLING = { { "vin", "vin" }, { "plate", "plate" } } -- content that names its field whatever stands above it

-- Share of the filled samples of column i that read as `kind`, and how many are filled.
local function share(samples, i, kind)
  local filled, good = 0, 0
  for _, row in ipairs(samples) do
    if clean.cell(row[i]) then
      filled = filled + 1
      if READ[kind](row[i]) then good = good + 1 end
    end
  end
  return filled > 0 and good / filled or 0, filled
end

local function same_content(samples, a, b)
  for _, row in ipairs(samples) do
    if clean.cell(row[a]) ~= clean.cell(row[b]) then return false end
  end
  return true
end

local function taken(guesses, field, but)
  for i, guess in ipairs(guesses) do
    if guess == field and i ~= but then return true end
  end
  return false
end

-- Leaves of the columns that share a heading those which may really be meant.
local function usable(group, guesses, samples)
  local field = fields.by_id[guesses[group[1]]]
  local left = {}
  for _, i in ipairs(group) do
    local _, filled = share(samples, i, "vin")
    local other
    for _, pair in ipairs(TELLING) do
      if field.kind ~= pair[1] and share(samples, i, pair[1]) >= 0.8 then other = pair[2] end
    end
    if other then
      guesses[i] = taken(guesses, other, i) and "" or other
    elseif filled > 0 then
      left[#left + 1] = i
    else
      guesses[i] = ""
    end
  end
  return left, field
end

local function by_kind(left, field, samples)
  if not READ[field.kind] then return left end
  local good, doubtful = {}, 0
  for _, i in ipairs(left) do
    local part = share(samples, i, field.kind)
    if part >= 0.8 then good[#good + 1] = i elseif part >= 0.5 then doubtful = doubtful + 1 end
  end
  return #good == 1 and doubtful == 0 and good or left
end

local function settle(group, guesses, headings, samples, problems)
  local left, field = usable(group, guesses, samples)
  if #left == 0 and not taken(guesses, field.id) then
    guesses[group[1]] = field.id -- all of them empty: it does not matter which
    return
  end
  local chosen = #left > 1 and by_kind(left, field, samples) or left
  local keep = {}
  for n, i in ipairs(chosen) do
    if n == 1 or not same_content(samples, chosen[1], i) then keep[#keep + 1] = i end
  end
  for _, i in ipairs(left) do guesses[i] = i == keep[1] and field.id or "" end
  if #keep > 1 then
    problems[#problems + 1] = {
      field = field.id, columns = { keep[1], keep[2] },
      zh = ("第 %d 列和第 %d 列的列名都是“%s”，内容又不同：请选定哪一列是%s"):format(keep[1], keep[2], headings[keep[1]], field.zh),
      en = ("columns %d and %d are both headed “%s” and differ: choose which one is “%s”"):format(keep[1], keep[2], headings[keep[1]], field.en),
    }
    guesses[keep[1]] = ""
  end
end

-- Columns whose headings are equal, letter for letter after cleaning.
local function twins(headings, guesses)
  local groups, order = {}, {}
  for i, heading in ipairs(headings) do
    local key = clean.heading(heading)
    if fields.by_id[guesses[i]] then
      if not groups[key] then groups[key], order[#order + 1] = {}, key end
      table.insert(groups[key], i)
    end
  end
  local out = {}
  for _, key in ipairs(order) do
    if #groups[key] > 1 then out[#out + 1] = groups[key] end
  end
  return out
end

local function missing(guesses, problems)
  for _, field in ipairs(fields.list) do
    local told = false
    for _, problem in ipairs(problems) do told = told or problem.field == field.id end
    if field.required and not told and not taken(guesses, field.id) then
      problems[#problems + 1] = {
        field = field.id, columns = {},
        zh = ("没有一列对应%s：请选定"):format(field.zh), en = ("no column is the %s: choose one"):format(field.id == "vin" and field.en or field.en:lower()),
      }
    end
  end
end

local function contradict(samples, a, b)
  for _, row in ipairs(samples) do
    local left, right = clean.cell(row[a]), clean.cell(row[b])
    if left and right and left ~= right then return true end
  end
  return false
end

-- What an order is told apart by stands in one column. A second one chosen by mistake would make orders out of their further lines.
local function doubled(guesses, samples, problems)
  for _, field in ipairs(fields.list) do
    local first
    for i, guess in ipairs(guesses) do
      if field.required and guess == field.id then
        if first and contradict(samples, first, i) then
          problems[#problems + 1] = {
            field = field.id, columns = { first, i },
            zh = ("第 %d 列和第 %d 列都选成了%s，内容又不同：只能留一列"):format(first, i, field.zh),
            en = ("columns %d and %d are both chosen as “%s” and differ: keep one of them"):format(first, i, field.en),
          }
        end
        first = first or i
      end
    end
  end
end

-- ---------------------------------------------------------------------------------------------- out

-- Two texts, the second for rows that a change of the dealership's key has not reached (vault.indexes).
-- The columns which a file of refused lines carries beside the original ones do not count: it is read as the original was.
function columns.signature(headings)
  local parts, known = {}, known_headings()
  for _, heading in ipairs(headings) do
    local key = clean.heading(heading)
    if known[key] ~= "ignore" then parts[#parts + 1] = key end
  end
  return vault.indexes("import_headings", table.concat(parts, "\31"))
end

local function checked(mapping, headings)
  local out, known = {}, known_headings()
  for i = 1, #headings do
    local field = mapping[i] or ""
    out[i] = fields.by_id[field] and field or known[clean.heading(headings[i])] == "ignore" and "ignore" or ""
  end
  return out
end

-- headings: array of text; mapping: field per column ("" = none) as a clerk chose it, or nil; samples: some rows below the header.
-- -> { fields = {...}, problems = { {zh, en, field, columns} }, signature }
function columns.guess(headings, mapping, samples)
  local guesses, problems = mapping and checked(mapping, headings) or guess_all(headings, known_headings()), {}
  if not mapping then
    for _, group in ipairs(twins(headings, guesses)) do settle(group, guesses, headings, samples or {}, problems) end
  end
  if mapping then doubled(guesses, samples or {}, problems) end
  missing(guesses, problems)
  return { fields = guesses, problems = problems, signature = columns.signature(headings) }
end

-- rows: the first records of the file. -> { at = index of the last header row, headings, guesses } or nil
function columns.header(rows)
  local known, best = known_headings(), nil
  local function offer(at, headings, guesses)
    local n, seen = distinct(guesses)
    if n >= 2 and (seen.order_no or seen.vin) and (not best or n > best.n) then
      best = { at = at, headings = headings, guesses = guesses, n = n }
    end
  end
  for at = 1, math.min(#rows, LOOK) do
    offer(at, rows[at], guess_all(rows[at], known))
    local below = rows[at + 1]
    if below and not looks_like_data(rows[at]) and not looks_like_data(below) then
      offer(at + 1, guess_combined(rows[at], below, known))
    end
  end
  return best
end

-- Trailing empty headings come from trailing commas: they are no columns.
function columns.trim(headings)
  local out, last = {}, 0
  for i, heading in ipairs(headings) do
    out[i] = clean.simple(heading)
    if clean.cell(heading) then last = i end
  end
  for i = #out, last + 1, -1 do out[i] = nil end
  return out
end

return columns
