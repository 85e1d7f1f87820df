local call = require "host.call"
local db = require "host.db"
local definition = require "host.definition"
local tyres = require "an-erasure"

it("names the shelf while the tyres are there, and empties what is personal", function()
  tyres.store(7, "B-12", "客户腰不好，请帮忙搬")
  local d = definition("erasures", "stored-tyres")
  assert.same({ { zh = "轮胎在 B-12", en = "tyres on shelf B-12" } }, call(d, "open", 7))
  assert.equal(1, call(d, "wipe", 7))
  assert.equal(0, call(d, "wipe", 7))
  assert.same({ { shelf = "B-12" } }, db.all "SELECT shelf, remark FROM an_erasure_tyre")
end)
