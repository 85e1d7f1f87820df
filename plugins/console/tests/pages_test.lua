local call = require "host.call"
local definition = require "host.definition"
local json = require "host.json"
local host_point = require "host.point"

local ROLES = { "specialist", "supervisor", "director", "advisor", "general-manager", "it" }

local function page(method, path)
  for _, d in ipairs(host_point "pages") do
    if d.data.method == method and d.data.path == path then return d end
  end
  error("no page " .. method .. " " .. path)
end

local function request(params)
  return { params = params or {}, files = {}, method = "GET", path = "/x/", lang = "zh", csrf = "", htmx = false, json = true }
end

before_each(function() test.now "2026-11-21T09:00" end)

describe("the pages of the house", function()
  it("home stands for every role on an empty store", function()
    for _, role in ipairs(ROLES) do
      test.as(role, { role })
      local data = call(page("GET", "/"), "run", request())
      assert.is_true(#data.tiles > 0)
      for _, tile in ipairs(data.tiles) do assert.is_true(type(tile.n) == "number") end
    end
  end)

  it("lists what an advisor has to reply to, by its limit", function()
    test.as("wang", { "specialist" }, "王芳")
    local archive = require "archive"
    local import = archive.import_begin { file_name = "orders.csv", file_hash = "x", encoding = "UTF-8", delimiter = ",",
      columns = { headings = { "工单号", "VIN", "服务顾问" }, fields = { "order_no", "vin", "advisor" } } }
    archive.import_rows(import, { { line = 2, cells = { "RO1", "LS5TEST10TA000123", "李工" } } })
    archive.import_end(import)
    local visit = require("host.db").one "SELECT id FROM archive_visit"
    local made = require("complaint").unhappy { visit_id = visit.id, problem = "等了很久", specialist = "wang" }
    assert.equal("minor", made.kind)
    test.as("li", { "advisor" }, "李工")
    local steps = call(page("GET", "/"), "run", request()).steps
    assert.equal(1, #steps)
    assert.equal("/minor/" .. made.id, steps[1].href)
  end)

  it("asks the supervisor for today's export until it is in", function()
    test.as("sun", { "supervisor" })
    local function advice() return call(page("GET", "/"), "run", request()).advice end
    assert.equal("/import", advice().href)
    local archive = require "archive"
    archive.import_end(archive.import_begin { file_name = "orders.csv", file_hash = "x", encoding = "UTF-8", delimiter = ",",
      columns = { headings = { "工单号", "VIN" }, fields = { "order_no", "vin" } } })
    assert.is_nil(advice())
  end)

  it("leads an advisor from each of his numbers to their list", function()
    test.as("li", { "advisor" })
    for _, tile in ipairs(call(page("GET", "/"), "run", request()).tiles) do assert.is_true(tile.href ~= nil, tile.id) end
  end)

  it("greets by the hour", function()
    test.as("zhou", { "specialist" })
    assert.equal("上午好", call(page("GET", "/"), "run", request()).greeting.zh)
    test.now "2026-11-21T20:00"
    assert.equal("晚上好", call(page("GET", "/"), "run", request()).greeting.zh)
  end)

  it("who did what with plugins and packs is listed, in words, the latest first", function()
    test.as("it", { "it" })
    local db, clock = require "host.db", require "host.clock"
    local function row(what, subject, detail)
      db.run("INSERT INTO host_audit (id, at, actor, what, subject, detail) VALUES (?, ?, ?, ?, ?, ?)", db.id(), clock.now(), "cli:li", what, subject, detail)
    end
    row("sign_in")
    row("plugin.rollback", "archive", ("ab"):rep(32))
    row("pack.trust", "0123456789ABCDEF", json.encode { at = 1, namespace = "acme" })
    row("pack.accept", "acme-x", json.encode { at = 1, version = "1.1.0", before = "1.0.0", hash = ("cd"):rep(32), key = "0123456789ABCDEF",
      asks = { "uses:host.db", "uses:host.mail" }, more = { "uses:host.mail" }, words = { { zh = "读写", en = "reads" }, { zh = "发邮件", en = "sends" } } })
    row("pack.install", "acme-y", json.encode { at = 1, version = "1.0.0", hash = ("ef"):rep(32), key = "", asks = json.array {}, words = json.array {} })
    row("pack.unheard_of", "acme-z", "no JSON")
    local rows = call(page("GET", "/acts"), "run", request()).rows
    local seen = {}
    for i, r in ipairs(rows) do seen[i] = (r.what.zh or r.what) .. " " .. r.subject end
    assert.same({ "pack.unheard_of acme-z", "安装规则包 acme-y", "同意更新 acme-x", "信任公钥 0123456789ABCDEF", "退回 archive" }, seen)
    assert.equal("1.0.0 → 1.1.0", rows[3].version)
    assert.equal("0123456789ABCDEF", rows[3].key)
    assert.equal("cdcdcdcdcdcd", rows[3].hash)
    assert.same({ true, "发邮件" }, { rows[3].asks[2].fresh, rows[3].asks[2].said })
    assert.is_false(rows[3].asks[1].fresh)
    assert.is_true(rows[2].unsigned)
    assert.equal("acme", rows[4].note)
    assert.equal("abababababab", rows[5].hash)
  end)

  it("plugins are listed with where they come from", function()
    test.as("chen", { "it" })
    local data = call(page("GET", "/plugins"), "run", request())
    local found
    for _, row in ipairs(data.rows) do
      if row.id == "console" then found = row end
    end
    assert.is_true(found ~= nil and found.live)
  end)

  it("a script that is unknown is a sentence", function()
    test.as("sun", { "supervisor" })
    assert.error_matches(function() call(page("GET", "/scripts/:id"), "run", request { id = "no-such" }) end, "没有这个脚本")
  end)

  it("a missing field comes back with the form, and nothing is started", function()
    test.as("sun", { "supervisor" })
    local answer = call(page("POST", "/scripts/:id"), "run", request { id = "import-dms" })
    assert.equal(422, answer.code)
    assert.is_true(answer.data.error.zh:find("不能为空", 1, true) ~= nil)
    assert.is_true(#answer.data.fields > 0)
  end)

  it("who may not run a script is told so", function()
    test.as("gao", { "general-manager" })
    assert.equal(403, call(page("POST", "/scripts/:id"), "run", request { id = "import-dms" }).code)
  end)

  it("the sign-in goes on inside this console only", function()
    for given, expected in pairs {
      ["/nanjing/calls"] = "/nanjing/calls", ["//evil.example/"] = "/", ["https://evil.example/"] = "/", ["/sign-out"] = "/", ["/\\evil"] = "/",
    } do
      assert.equal(expected, call(page("GET", "/sign-in"), "run", request { next = given }).next)
    end
  end)

  it("passwords that differ are not sent on", function()
    test.as("zhou", { "specialist" })
    local answer = call(page("POST", "/me/password"), "run", request { old = "a", new = "b", again = "c" })
    assert.equal(422, answer.code)
  end)

  it("every script's form fits the fields that the page declares", function()
    local params = require "console.params"
    for _, script in ipairs(host_point "scripts") do
      local files, others = 0, 0
      for i, p in ipairs(script.data.params or {}) do
        if p.type == "file" then files = files + 1 end
        others = i
      end
      assert.is_true(others <= params.most and files <= params.most_files)
    end
    assert.is_true(definition("scripts", "import-dms") ~= nil)
    assert.is_true(json.encode(params.declared()) ~= "{}")
  end)
end)
