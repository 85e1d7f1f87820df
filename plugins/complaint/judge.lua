-- How serious is it? Gathers the facts, lets the rule set decide (the decision is recorded) and takes the worst level of all hits.
local clock = require "host.clock"
local db = require "host.db"
local json = require "host.json"
local rules = require "host.rules"
local settings = require "host.settings"
local text = require "host.text"
local why = require "complaint.why"

local M = {}
local RANK = { faq = 1, minor = 2, serious = 3 }

local function shares(topics, others)
  for _, earlier in ipairs(json.decode(others)) do
    for _, topic in ipairs(topics) do
      if topic == earlier then return true end
    end
  end
  return false
end

-- This one included; nil without topics, because then nobody can say what the matter is.
function M.same_matter(visit_id, topics)
  if #topics == 0 then return nil end
  local since = clock.now() - settings.get().same_matter_days * 86400000
  local n = 1
  local rows = db.all([[SELECT f.topics FROM complaint_form f
      JOIN archive_visit v ON v.id = f.visit_id
      JOIN archive_visit w ON w.vehicle_id = v.vehicle_id
      WHERE w.id = ? AND f.opened_at >= ? AND f.withdrawn IS NULL
      UNION ALL
      SELECT m.topics FROM complaint_minor m
      JOIN archive_visit v ON v.id = m.visit_id
      JOIN archive_visit w ON w.vehicle_id = v.vehicle_id
      WHERE w.id = ? AND m.day >= ? AND m.withdrawn IS NULL AND m.form_id IS NULL]],
    visit_id, since, visit_id, (clock.split(since)))
  for _, row in ipairs(rows) do
    if shares(topics, row.topics) then n = n + 1 end
  end
  return n
end

local function lowest_score(sheet_id)
  if not sheet_id then return nil end
  local row = db.one("SELECT MIN(number) AS lowest FROM survey_answer WHERE sheet_id = ? AND kind = 'rate'", sheet_id)
  return row and row.lowest
end

local function survey_serious(sheet_id)
  local row = sheet_id and db.one("SELECT serious FROM survey_sheet WHERE id = ?", sheet_id)
  if row and row.serious ~= nil then return row.serious == 1 end
end

local function first(a, b)
  if a ~= nil then return a end
  return b
end

function M.facts(case)
  local given = case.facts or {}
  local serious = first(given.survey_serious, survey_serious(case.sheet_id))
  return {
    text = text.clean(case.problem),
    topics = json.array(case.topics),
    department = case.department,
    source = case.source,
    wanted = case.wanted,
    lowest_score = first(given.lowest_score, lowest_score(case.sheet_id)),
    asked_manager = given.asked_manager,
    same_matter_count = first(given.same_matter_count, M.same_matter(case.visit_id, case.topics)),
    survey_serious = serious,
  }
end

-- The worst of all hits; the first rule of that level gives the reason.
local function worst(result, set)
  local hit
  for _, r in ipairs(result.rules or {}) do
    if not hit or RANK[r.outcome.level] > RANK[hit.outcome.level] then hit = r end
  end
  if hit then return hit.outcome.level, hit.id, hit.because end
  return result.outcome.level, result.rule, set.data.otherwise_because
end

local function the_set()
  local id = settings.get().severity
  local set = require("host.definition")("severity", id)
  if set then return set end
  error({
    zh = "没有名为“" .. id .. "”的严重程度规则。请检查 site.lua 中 complaint.severity 的设置。",
    en = "There are no severity rules named '" .. id .. "'. Check the setting complaint.severity in site.lua.",
  }, 0)
end

-- { level, rule, because, decision }. `wanted` raises, never lowers: "faq" takes an ordinary problem off the list, never a serious one.
function M.decide(case)
  local set = the_set()
  local result = rules.decide("severity", set.id, { "visit", case.visit_id }, M.facts(case), case.person)
  local level, rule, because = worst(result, set)
  if case.wanted == "serious" and level ~= "serious" then
    level, rule, because = "serious", "wanted", why.by_hand.wanted
  elseif case.wanted == "faq" and level == "minor" then
    level = "faq"
  end
  return { level = level, rule = rule, because = because, decision = result.decision }
end

return M
