local archive = require "archive"

describe("the columns", function()
  it("are guessed from the headings of the dealer system", function()
    local guessed = archive.guess_columns { "@NAME@ 单号", "VIN", "@NAME@ 结算日", "说不清" }
    assert.same({ "order_no", "vin", "settled" }, { guessed.fields[1], guessed.fields[2], guessed.fields[3] })
  end)
end)
