local page = require "host.page"
local db = require "host.db"

return page "GET /bench/:n" {
  who = "anyone",
  params = { n = "id!" },
  function(req)
    local index = string.format("%016x", req.params.n * 2654435761 % 4294967296)
    return db.one("SELECT id, name, plate, since FROM bench_customer WHERE phone_index = ?", index)
  end,
}
