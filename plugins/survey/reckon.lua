-- What a questionnaire and its answers come to: which questions are shown, what the sheet scores (B5), whether the customer is
-- unhappy. Pure: it reads data and asks `test(predicate, facts)` for the truth of a condition, so the same lines reckon an example
-- while a pack is checked and a sheet while somebody telephones.
--
-- One pass from the first question to the last: a condition may only read questions that stand earlier (the constructors
-- check that), so what is shown is known before it is asked for. Answers of hidden questions are kept, but are no facts.

local M = {}

local DEFAULT_REASON_BELOW = 7

local function answered(v)
  if type(v) == "table" then return #v > 0 end
  return v ~= nil and v ~= ""
end
M.answered = answered

-- True where a reason belongs to the answer: a rating up to the limit, or the answer that the question itself calls bad.
function M.asks_reason(item, value)
  if not answered(value) then return false end
  if item.kind == "rate" then return value <= (item.ask_reason_below or DEFAULT_REASON_BELOW) end
  return item.bad ~= nil and value == item.bad
end

local function add_rating(tally, item, value)
  local weight = item.weight or 1
  tally.rated = tally.rated + 1
  tally.sum = tally.sum + weight * value
  tally.weights = tally.weights + weight
end

local function reckon_item(out, tally, item, value, reason)
  if item.kind ~= "text" then out.total = out.total + 1 end
  if not answered(value) then return end
  out.facts[item.id] = value
  if item.kind ~= "text" then out.answered = out.answered + 1 end
  if item.kind == "rate" then add_rating(tally, item, value) end
  if M.asks_reason(item, value) then
    out.problems[#out.problems + 1] = { item = item.id, title = item.title, value = value, reason = reason, section = tally.id }
  end
end

local function section_mean(tally)
  if tally.weights > 0 then return tally.sum / tally.weights end
end

-- The score: mean of the section means over the sum of the weights of those sections in which something was rated.
local function total_score(sections)
  local sum, weights = 0, 0
  for _, s in ipairs(sections) do
    if s.mean then
      sum = sum + s.weight * s.mean
      weights = weights + s.weight
    end
  end
  if weights > 0 then return sum / weights end
end

local function worst_first(problems)
  local place = {}
  for i, p in ipairs(problems) do place[p.item] = i end
  local function rank(p) return type(p.value) == "number" and p.value or 5 end
  table.sort(problems, function(a, b)
    if rank(a) ~= rank(b) then return rank(a) < rank(b) end
    return place[a.item] < place[b.item]
  end)
end

-- answers: item -> value; reasons: item -> text. Returns { shown = {item -> true}, shown_section, facts, sections = {{id, weight,
-- mean, rated}}, score, unhappy, serious, problems (worst first), answered, total }.
function M.run(q, answers, test, reasons)
  local out = { shown = {}, shown_section = {}, facts = {}, sections = {}, problems = {}, answered = 0, total = 0 }
  for _, section in ipairs(q.sections) do
    local tally = { id = section.id, weight = section.weight or 1, sum = 0, weights = 0, rated = 0 }
    local open = not section.show_if or test(section.show_if, out.facts) == true
    out.shown_section[section.id] = open
    for _, item in ipairs(section.items) do
      if open and (not item.show_if or test(item.show_if, out.facts) == true) then
        out.shown[item.id] = true
        reckon_item(out, tally, item, answers[item.id], reasons and reasons[item.id])
      end
    end
    out.sections[#out.sections + 1] = { id = section.id, weight = tally.weight, mean = section_mean(tally), rated = tally.rated }
  end
  out.score = total_score(out.sections)
  local rule = q.unhappy or {}
  out.serious = rule.serious ~= nil and test(rule.serious, out.facts) == true
  out.unhappy = out.serious or (rule.when ~= nil and test(rule.when, out.facts) == true)
  worst_first(out.problems)
  return out
end

return M
