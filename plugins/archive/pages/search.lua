local json = require "host.json"
local page = require "host.page"
local text = require "host.text"
local search = require "archive.search"
local show = require "archive.show"

return page "GET /search" {
  who = { "specialist", "supervisor", "director", "advisor", "general-manager" }, params = { q = "string:64" }, template = "search.html",
  title = { zh = "查找", en = "Search" },
  function(req)
    local q = text.clean(req.params.q or "")
    local found, more = search.find(q)
    if #found == 1 and more == 0 then return page.redirect("/visits/" .. tostring(found[1].id)) end -- the customer is on the line
    local rows = json.array {}
    for i, row in ipairs(found) do
      row.settled = show.day(row.settled_on, req.lang)
      rows[i] = row
    end
    return { q = q, asked = text.length(q) >= 2, too_short = text.length(q) == 1, rows = rows, any = #rows > 0, more = more > 0 and more or nil }
  end,
}
