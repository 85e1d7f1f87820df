-- Constructors of the points import_columns and erasures: what the columns of a dealer system are called, and what its dictionary
-- numbers mean. A dealer's own plugin adds to what is known; it takes nothing away.
--
--   local a = require "archive.define"
--   return { a.columns "dms-x" { order_no = { "工单编号" }, settled = { "结账时间" } },
--            a.words   "dms-x-words" { kind = { ["12041001"] = "定期保养" } } }
local define = require "host.define"

local function shape_of(kind)
  local shape = {}
  for id in ([[order_no vin kind opened settled picked_up plate brand series model sold km owner_no owner owner_kind owner_mobile owner_phone
    bringer bringer_mobile bringer_phone contact contact_mobile contact_phone advisor technician labour parts amount call_wanted
    preferred_time no_call_reason remark ignore]]):gmatch("%S+") do shape[id] = kind end
  return shape
end

local HEADINGS, NUMBERS = shape_of "list", shape_of "table"

local function columns(id)
  return function(data)
    define.check(define.here(1), "columns " .. tostring(id), data, HEADINGS)
    return define.new("import_columns", id, { columns = data }, 1)
  end
end

local function words(id)
  return function(data)
    define.check(define.here(1), "words " .. tostring(id), data, NUMBERS)
    return define.new("import_columns", id, { words = data }, 1)
  end
end

-- What a plugin keeps of a person beside sealed values (those become unreadable by themselves):
--   a.erasure "my-plugin" { title = {...}, open = function(person) ... end, wipe = function(person) ... end }
-- open -> list of {zh, en}, each naming one thing that has to be finished first; wipe -> how many rows it emptied. Both run inside one
-- transaction and may run again.
local function erasure(id)
  return function(data)
    define.check(define.here(1), "erasure " .. tostring(id), data, { title = "text!", open = "function", wipe = "function!" })
    return define.new("erasures", id, data, 1)
  end
end

return { columns = columns, words = words, erasure = erasure }
