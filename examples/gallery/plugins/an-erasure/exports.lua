local db = require "host.db"

return {
  store = function(customer, shelf, remark)
    local id = db.id()
    db.run("INSERT INTO an_erasure_tyre (id, customer_id, shelf, remark) VALUES (?, ?, ?, ?)", id, customer, shelf, remark)
    return id
  end,
}
