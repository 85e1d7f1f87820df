-- Words of a customer that stand in a table of yours must go when the customer is erased: not the row, what is personal in it.
local a = require "archive.define"

return a.erasure "@NAME@" {
  title = { zh = "客户的愿望", en = "The customer's wishes" },
  wipe = function(person)
    return require "host.db".run("UPDATE @NAME_@_wish SET words = NULL WHERE customer_id = ? AND words IS NOT NULL", person)
  end,
}
