-- Only this plugin writes its table; others call these. What a person may do wrong is a sentence in both languages.
local clock = require "host.clock"
local db = require "host.db"
local settings = require "host.settings"

local M = {}

function M.out() return db.one("SELECT COUNT(*) AS n FROM a_table_loan WHERE back_at IS NULL").n end

function M.lend(plate)
  return db.tx(function()
    if M.out() >= settings.get().most then error({ zh = "试驾车都在外面", en = "All demo cars are out" }, 0) end
    local id = db.id()
    db.run("INSERT INTO a_table_loan (id, plate, out_at) VALUES (?, ?, ?)", id, plate, clock.now())
    return id
  end)
end

function M.back(plate) return db.run("UPDATE a_table_loan SET back_at = ? WHERE plate = ? AND back_at IS NULL", clock.now(), plate) == 1 end

return M
