-- forecourt run plates --site examples/gallery --month 2026-11: a list for the car wash, as a file that Excel opens.
local csv = require "host.csv"
local db = require "host.db"
local file = require "host.file"
local script = require "host.script"

return script "plates" {
  title = { zh = "本月进店车牌表", en = "Plates of a month" },
  who = { "supervisor", "it" },
  params = { script.month "month" { title = { zh = "月份", en = "Month" }, required = true } },
  run = function(params)
    local rows = { { "车牌", "次数" } }
    for row in db.each("SELECT plate, COUNT(*) AS n FROM archive_visit v JOIN archive_vehicle c ON c.id = v.vehicle_id "
      .. "WHERE substr(v.settled_on, 1, 7) = ? GROUP BY plate ORDER BY 2 DESC, 1", params.month) do rows[#rows + 1] = { row.plate, row.n } end
    local name = "plates-" .. params.month .. ".csv"
    file.write(name, csv.write(rows))
    return { summary = { file = name, plates = #rows - 1 } }
  end,
  text = function(result) return { zh = result.summary.plates .. " 个车牌：" .. result.summary.file, en = result.summary.plates .. " plates: " .. result.summary.file } end,
}
