-- Winter tyres in store: while they are here the customer cannot be erased; afterwards the remark about him goes, the shelf's history stays.
local a = require "archive.define"

return a.erasure "stored-tyres" {
  title = { zh = "寄存的轮胎", en = "Stored tyres" },
  open = function(person)
    local out = {}
    for i, row in ipairs(require "host.db".all("SELECT shelf FROM an_erasure_tyre WHERE customer_id = ? AND shelf <> '' ORDER BY shelf", person)) do
      out[i] = { zh = "轮胎在 " .. row.shelf, en = "tyres on shelf " .. row.shelf }
    end
    return out
  end,
  wipe = function(person) return require "host.db".run("UPDATE an_erasure_tyre SET remark = NULL WHERE customer_id = ? AND remark IS NOT NULL", person) end,
}
