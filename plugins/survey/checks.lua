-- Checks of a questionnaire as a whole, when all its questions are known: ids, what conditions read and when it is asked, weights, examples.
-- Here a question is { data = what freezes, at = "file:line", place = its number }; every problem is told, none stops the others.

local define = require "host.define"
local predicate = require "host.predicate"

local M = {}

local YESNO = { yes = true, no = true, unsure = true }

local function did_you_mean(name, names)
  local near = predicate.nearest(name, names)
  if not near then return "", "" end
  return ("（是不是“%s”？）"):format(near), (" (did you mean '%s'?)"):format(near)
end

local function each_leaf(p, fn)
  if p == nil then return end
  if p.op == "and" or p.op == "or" then
    for _, arg in ipairs(p.args) do each_leaf(arg, fn) end
  elseif p.op == "not" then
    each_leaf(p.arg, fn)
  else
    fn(p)
  end
end

-- Why `value` is no answer to the question, as two sentences, or nil.
local function wrong_value(one, value)
  local data = one.data
  if data.kind == "rate" then
    if math.type(value) == "integer" and value >= 1 and value <= 10 then return nil end
    return "评分是 1 到 10 的整数", "a rating is an integer from 1 to 10"
  elseif data.kind == "yesno" then
    if YESNO[value] then return nil end
    return "只能是 yes、no 或 unsure", "it must be yes, no or unsure"
  elseif data.kind == "text" then
    if type(value) == "string" then return nil end
    return "应为文字", "it must be text"
  end
  local ids = {}
  for _, option in ipairs(data.options) do ids[option.id] = true end
  local list = data.kind == "multi" and value or { value }
  if type(list) ~= "table" then return "应为选项列表 { \"wait\" }", "it must be a list of options { \"wait\" }" end
  for _, id in ipairs(list) do
    if not ids[id] then
      local zh, en = did_you_mean(tostring(id), ids)
      return ("没有选项“%s”%s"):format(tostring(id), zh), ("there is no option '%s'%s"):format(tostring(id), en)
    end
  end
end

local LEAF_VALUES = { is = 1, isnt = 1, one_of = 2, has = 1, has_any = 2, has_all = 2 }

local function check_leaf(q, leaf, at)
  local one = q.items[leaf.fact]
  at = leaf.at or at
  if not one then
    local zh, en = did_you_mean(tostring(leaf.fact), q.items)
    define.problem(at, ("条件用到的问题“%s”不在问卷里%s"):format(tostring(leaf.fact), zh),
      ("the condition reads question '%s', which is not in the questionnaire%s"):format(tostring(leaf.fact), en))
    return
  end
  local how = LEAF_VALUES[leaf.op]
  if not how or one.data.kind == "text" or one.data.kind == "rate" and how == 1 and type(leaf.value) ~= "number" then return end
  local values = how == 2 and leaf.value or { leaf.value }
  for _, value in ipairs(type(values) == "table" and values or {}) do
    local zh, en = wrong_value(one, one.data.kind == "multi" and { value } or value)
    if zh then
      define.problem(at, ("条件里“%s”的值不可能出现：%s"):format(leaf.fact, zh),
        ("the condition on '%s' can never be true: %s"):format(leaf.fact, en))
    end
  end
end

-- Questions that must be answered before `one` can be shown, by name.
local function reads(one, section)
  local set = {}
  local function add(leaf) set[leaf.fact] = leaf.at or one.at end
  each_leaf(section.data.show_if, add)
  each_leaf(one.data.show_if, add)
  return set
end

-- The way from a question back to itself through the conditions, as text "a → b → a", or nil.
local function cycle(q, start)
  local seen = {}
  local function walk(id, path)
    for next_id in pairs(q.reads[id] or {}) do
      if next_id == start then return path .. " → " .. start end
      if q.items[next_id] and not seen[next_id] then
        seen[next_id] = true
        local found = walk(next_id, path .. " → " .. next_id)
        if found then return found end
      end
    end
  end
  return walk(start, start)
end

local function check_order(q, one, section)
  for id, at in pairs(reads(one, section)) do
    local other = q.items[id]
    if other and other.place >= one.place then
      local loop = cycle(q, one.data.id)
      if loop then
        define.problem(at, ("问题“%s”的显示条件绕成了圈：%s"):format(one.data.id, loop),
          ("question '%s': its condition goes in a circle: %s"):format(one.data.id, loop))
      else
        define.problem(at, ("问题“%s”的显示条件读了排在后面的“%s”：请把“%s”移到前面"):format(one.data.id, id, id),
          ("question '%s' is shown by the answer to '%s', which is asked later: move '%s' before it"):format(one.data.id, id, id))
      end
    end
  end
end

local function index_items(q, sections)
  for _, section in ipairs(sections) do
    for _, one in ipairs(section.items) do
      q.count = q.count + 1
      local id = one.data.id
      if q.items[id] then
        define.problem(one.at, ("问题“%s”重复：第一次在 %s"):format(id, q.items[id].at),
          ("question '%s' stands there twice; the first is at %s"):format(id, q.items[id].at))
      else
        one.place = q.count
        q.items[id] = one
        q.reads[id] = reads(one, section)
      end
    end
  end
end

local function check_sections(sections)
  local seen, weighted, rated = {}, 0, 0
  for _, s in ipairs(sections) do
    if seen[s.data.id] then
      define.problem(s.at, ("分组“%s”重复：第一次在 %s"):format(s.data.id, seen[s.data.id]),
        ("section '%s' stands there twice; the first is at %s"):format(s.data.id, seen[s.data.id]))
    end
    seen[s.data.id] = seen[s.data.id] or s.at
    if #s.items == 0 then define.problem(s.at, s.zh .. "里没有问题", s.en .. " holds no question") end
    if s.rated then rated = rated + 1 end
    if s.rated and s.own_weight then weighted = weighted + 1 end
  end
  if weighted == 0 or weighted == rated then return end
  for _, s in ipairs(sections) do
    if s.rated and not s.own_weight then
      define.problem(s.at, s.zh .. "没有 weight，其他分组却有：请全部写上，或全部不写（各组同等重要）",
        s.en .. " has no weight but others have: give one to each, or to none (then all count the same)")
    end
  end
end

local function check_conditions(q, sections, unhappy)
  for _, section in ipairs(sections) do
    each_leaf(section.data.show_if, function(leaf) check_leaf(q, leaf, section.at) end)
    for _, one in ipairs(section.items) do
      each_leaf(one.data.show_if, function(leaf) check_leaf(q, leaf, one.at) end)
      if q.items[one.data.id] == one then check_order(q, one, section) end
    end
  end
  for _, key in ipairs { "when", "serious" } do
    each_leaf(unhappy and unhappy.data[key], function(leaf) check_leaf(q, leaf, unhappy.at) end)
  end
end

function M.example(q, example)
  local names = { answers = {}, shown = example.data.shown or {}, hidden = example.data.hidden or {} }
  for id, value in pairs(example.data.answers) do
    names.answers[#names.answers + 1] = id
    local one = q.items[id]
    local zh, en
    if one then zh, en = wrong_value(one, value) end
    if zh then
      define.problem(example.at, ("例子里“%s”的回答不对：%s"):format(tostring(id), zh),
        ("example: the answer to '%s' is wrong: %s"):format(tostring(id), en))
      example.broken = true
    end
  end
  for _, list in pairs(names) do
    for _, id in ipairs(list) do
      if not q.items[id] then
        local zh, en = did_you_mean(tostring(id), q.items)
        define.problem(example.at, ("例子里的问题“%s”不在问卷里%s"):format(tostring(id), zh),
          ("example: question '%s' is not in the questionnaire%s"):format(tostring(id), en))
        example.broken = true
      end
    end
  end
end

-- Returns { items = {id -> question}, ... } for the checks of examples.
function M.whole(sections, unhappy)
  local q = { items = {}, reads = {}, count = 0 }
  index_items(q, sections)
  check_sections(sections)
  check_conditions(q, sections, unhappy)
  return q
end

return M
