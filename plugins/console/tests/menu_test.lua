local point = require "host.point"
local menu = require "console.menu"

local function paths(groups)
  local out = {}
  for _, group in ipairs(groups) do
    for _, entry in ipairs(group.entries) do out[entry.path] = entry end
  end
  return out
end

describe("the menu", function()
  it("shows a role only what it may open", function()
    test.as("zhou", { "specialist" })
    local seen = paths(menu.groups "/")
    assert.is_true(seen["/calls"] ~= nil)
    assert.is_nil(seen["/plugins"])
    test.as("chen", { "it" })
    seen = paths(menu.groups "/")
    assert.is_true(seen["/plugins"] ~= nil)
    assert.is_nil(seen["/calls"])
  end)

  it("has no entry that cannot be opened", function()
    for _, role in ipairs { "specialist", "supervisor", "director", "advisor", "general-manager", "it" } do
      test.as(role, { role })
      for path in pairs(paths(menu.groups "/")) do assert.is_true(menu.may_open(path)) end
    end
  end)

  it("marks the entry whose path is the longest beginning of the open page", function()
    test.as("zhou", { "specialist" })
    local seen = paths(menu.groups "/calls/123")
    assert.is_true(seen["/calls"].active)
    assert.is_true(not seen["/"].active)
    seen = paths(menu.groups "/")
    assert.is_true(seen["/"].active)
    seen = paths(menu.groups "/callsomething")
    assert.is_true(not seen["/calls"].active)
  end)

  it("does not open what does not exist", function()
    test.as("chen", { "it" })
    assert.equal(false, menu.may_open "/nowhere")
    assert.equal(false, menu.may_open "/calls")
    assert.equal(true, menu.may_open "/plugins?x=1")
  end)

  it("leaves a badge out where there is nothing", function()
    test.as("zhou", { "specialist" })
    for _, entry in pairs(paths(menu.groups "/")) do assert.equal(false, entry.badge) end
  end)

  it("gives every entry a title in both languages and an icon", function()
    for _, definition in ipairs(point "pages") do
      local own = definition.data.menu
      if own then
        assert.is_true(type(own.zh) == "string" and type(own.en) == "string")
        assert.is_true(type(own.icon) == "string")
      end
    end
  end)
end)
