local page = require "host.page"
local db = require "host.db"

return page "GET /bench/:id" {
  who = "anyone",
  params = { id = "id!" },
  function(req)
    return db.one("SELECT id, order_no, plate, model, advisor, km, amount_fen, settled_on, remark FROM bench_visit WHERE id = ?", req.params.id)
  end,
}
