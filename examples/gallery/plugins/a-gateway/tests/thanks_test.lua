local archive = test.fixture "archive"
local call = require "host.call"
local definition = require "host.definition"
local json = require "host.json"

local ROUTE = "POST https://sms.example.cn/v1/send"

local function thanks() return call(definition("scripts", "thanks"), "run", { day = "2026-11-17" }).summary end

before_each(function()
  test.now "2026-11-21T09:00"
  test.as("sun", { "supervisor" })
end)

it("sends each text once, with the secret in its header", function()
  archive.orders { { order_no = "RO1", owner_mobile = "13810000017" }, { order_no = "RO2", owner_mobile = "13810000025" } }
  test.http(ROUTE, { status = 200, json = { ok = true } })
  assert.same({ sent = 2, without_mobile = 0, failed = 0 }, thanks())
  assert.same({ sent = 0, without_mobile = 0, failed = 0 }, thanks())
  local asked = test.requests()
  assert.equal(2, #asked)
  assert.equal("Bearer <secret sms_token>", asked[1].headers.Authorization)
  local numbers = {}
  for i, request in ipairs(asked) do numbers[i] = json.decode(request.body).to end
  table.sort(numbers)
  assert.same({ "13810000017", "13810000025" }, numbers)
end)

it("goes on another time where the gateway failed, with the same id", function()
  archive.orders { { order_no = "RO1", owner_mobile = "13810000017" } }
  test.http(ROUTE, "TIMEOUT")
  test.http(ROUTE, { status = 503 })
  test.http(ROUTE, { status = 200 })
  assert.equal(1, thanks().failed)
  assert.equal(1, thanks().failed)
  assert.equal(1, thanks().sent)
  local asked = test.requests()
  assert.equal(3, #asked)
  assert.equal(json.decode(asked[1].body).id, json.decode(asked[3].body).id)
end)

it("tells why a text was not sent", function()
  archive.orders { { order_no = "RO1", owner_mobile = "13810000017" } }
  local script = definition("scripts", "thanks")
  local function told() return call(script, "text", call(script, "run", { day = "2026-11-17" })) end
  test.http(ROUTE, { status = 503 })
  test.http(ROUTE, "TIMEOUT")
  test.http(ROUTE, { status = 200 })
  assert.matches("短信网关答复 503", told().zh)
  assert.matches("1 not sent: .+", told().en)
  assert.matches("没有发出$", told().zh)
end)
