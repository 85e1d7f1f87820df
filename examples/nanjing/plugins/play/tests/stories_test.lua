-- The stories must lead where their kind says, and be known again by what was rated.
local definition = require "host.definition"
local chance = require "play.chance"
local words = require "play.words"

local function items()
  local known = {}
  for _, section in ipairs(definition("questionnaires", "service-phone").data.sections) do
    for _, item in ipairs(section.items) do known[item.id] = item end
  end
  return known
end

local function lowest(story)
  local least = 10
  for _, value in pairs(story.low) do least = math.min(least, value) end
  return least
end

local function rates_known_items(story, known)
  for item, value in pairs(story.low) do
    assert.equal("rate", known[item] and known[item].kind)
    assert.is_true(value >= 1 and value <= 5)
  end
end

describe("a story", function()
  it("rates questions that are asked", function()
    local known = items()
    for _, kind in ipairs { "faq", "minor", "serious" } do
      for _, story in pairs(words[kind]) do rates_known_items(story, known) end
    end
  end)

  it("is serious by a rating of two, and minor or solved by none", function()
    for _, story in pairs(words.serious) do assert.equal(2, lowest(story)) end
    for _, kind in ipairs { "faq", "minor" } do
      for _, story in ipairs(words[kind]) do assert.is_true(lowest(story) > 2 and story.manager == nil) end
    end
  end)

  it("has answers for every round and is told apart from the others", function()
    local seen = {}
    for name, story in pairs(words.serious) do
      assert.is_true(story.cause and story.action and story.again and story.more and story.more_done and true or false)
      local marks = {}
      for item, value in pairs(story.low) do marks[#marks + 1] = item .. value end
      table.sort(marks)
      local key = table.concat(marks, " ")
      assert.is_nil(seen[key])
      seen[key] = name
    end
    for _, name in ipairs(words.serious_names) do assert.is_true(words.serious[name] ~= nil) end
  end)
end)

describe("chance", function()
  it("gives the same for the same words, everywhere", function()
    assert.equal(chance.draw("NJ2611200001", "call1"), chance.draw("NJ2611200001", "call1"))
    assert.equal(775, chance.draw("NJ2611200001", "call1"))
  end)

  it("is spread over all thousand", function()
    local halves = { 0, 0 }
    for i = 1, 2000 do
      local n = chance.draw("NJ" .. i, "call1")
      assert.is_true(n >= 0 and n < 1000)
      halves[n // 500 + 1] = halves[n // 500 + 1] + 1
    end
    assert.is_true(halves[1] > 900 and halves[2] > 900)
  end)
end)
