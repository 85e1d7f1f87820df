-- What is known of each visit that may have to be called: one query for a batch of visits, and two small maps for a whole pass. No query
-- per visit, so a day's list of a big store is a few statements.

local db = require "host.db"
local vault = require "host.vault"
local json = require "host.json"
local clock = require "host.clock"

local M = {}

local RECENT_DAYS = 30

-- Persons talked to lately: customer id -> { {visit, day}, ... }. The person is whom we dial (L16): bringer, else owner, else contact.
local function talks(since)
  local map = {}
  for _, row in ipairs(db.all([[
      SELECT COALESCE(v.bringer_id, v.owner_id, v.contact_id) AS person, t.visit_id, t.closed_at
      FROM call_task t JOIN archive_visit v ON v.id = t.visit_id JOIN survey_sheet s ON s.id = t.sheet_id
      WHERE t.state = 'done' AND t.closed_at >= ? AND s.closed_at IS NOT NULL]], since)) do
    if row.person then
      map[row.person] = map[row.person] or {}
      table.insert(map[row.person], { visit = row.visit_id, day = clock.split(row.closed_at) })
    end
  end
  return map
end

local function complained()
  local set = {}
  for _, row in ipairs(db.all([[SELECT DISTINCT v.vehicle_id FROM complaint_form f JOIN archive_visit v ON v.id = f.visit_id
                                WHERE f.state <> 'closed']])) do
    set[row.vehicle_id] = true
  end
  return set
end

local function as_set(list)
  local set = {}
  for _, value in ipairs(list) do set[value] = true end
  return set
end

-- What one pass knows beside the rows. tasked: vehicle -> day of settlement of its last job that got a task in this pass.
function M.context(day, settings)
  return { talks = talks(clock.at(clock.add_days(day, -RECENT_DAYS - settings.lookback_days))), complained = complained(),
           staff = as_set(settings.staff_plates), tasked = {} }
end

-- An erased person is never called, but that is no reason not to call the other who brought the car.
local function flag(alias)
  return ("CASE WHEN %s.erased_at IS NOT NULL AND %s.id <> COALESCE(v.bringer_id, v.owner_id, v.contact_id) THEN 0 ELSE COALESCE(%s.no_call, 0) END")
    :format(alias, alias, alias)
end

M.QUERY = ([[
  SELECT v.id, v.order_no, v.kind, v.settled_on, v.picked_up_on, v.vehicle_id, v.advisor, v.km, v.amount_fen, v.call_wanted,
    v.no_call_reason, COALESCE(v.bringer_id, v.owner_id, v.contact_id) AS person,
    CASE WHEN v.bringer_id IS NOT NULL THEN b.erased_at WHEN v.owner_id IS NOT NULL THEN o.erased_at ELSE c.erased_at END AS person_erased,
    x.plate, x.series,
    o.kind AS owner_kind, o.name AS owner_name, b.name AS bringer_name, COALESCE(b.name, o.name, c.name) AS customer,
    %s + %s + %s AS flags, COALESCE(o.erased_at, b.erased_at, c.erased_at) AS erased,
    (SELECT MAX(w.settled_on) FROM archive_visit w JOIN call_task u ON u.visit_id = w.id AND u.questionnaire = ?
      WHERE w.vehicle_id = v.vehicle_id AND w.settled_on <= v.settled_on AND w.id <> v.id
        AND (w.settled_on < v.settled_on OR w.id < v.id)) AS tasked_on,
    t.id AS task_id, t.no, t.state, t.due_on, t.attempts, t.claimed_until, t.first_attempt_at, t.facts_hash AS task_hash, t.rule AS task_rule,
    t.reason_zh AS task_zh, t.reason_en AS task_en,
    e.id AS exclusion_id, e.facts_hash AS exclusion_hash, e.rule AS exclusion_rule, e.kind AS exclusion_kind,
    e.reason_zh AS exclusion_zh, e.reason_en AS exclusion_en
  FROM archive_visit v JOIN archive_vehicle x ON x.id = v.vehicle_id
    LEFT JOIN archive_customer o ON o.id = v.owner_id
    LEFT JOIN archive_customer b ON b.id = v.bringer_id
    LEFT JOIN archive_customer c ON c.id = v.contact_id
    LEFT JOIN call_task t ON t.visit_id = v.id AND t.questionnaire = ?
    LEFT JOIN call_exclusion e ON e.visit_id = v.id AND e.questionnaire = ?
  WHERE v.settled_on <= ? AND (v.picked_up_on IS NULL OR v.picked_up_on <= ?) AND (v.settled_on >= ? OR v.picked_up_on >= ?)
    AND (v.settled_on > ? OR (v.settled_on = ? AND v.id > ?))
  ORDER BY v.settled_on, v.id LIMIT ?]]):format(flag "o", flag "b", flag "c")

-- How many visits QUERY would read from the beginning.
M.COUNT = [[
  SELECT COUNT(*) AS n FROM archive_visit v
  WHERE v.settled_on <= ? AND (v.picked_up_on IS NULL OR v.picked_up_on <= ?) AND (v.settled_on >= ? OR v.picked_up_on >= ?)]]

local function days_since_call(row, due_on, context)
  local least
  for _, talk in ipairs(context.talks[row.person] or {}) do
    local days = clock.days_between(talk.day, due_on)
    if talk.visit ~= row.id and days >= 0 and days <= RECENT_DAYS and (not least or days < least) then least = days end
  end
  return least
end

local function later(a, b)
  if not a or not b then return a or b end
  return a > b and a or b
end

local function truth(n)
  if n ~= nil then return n ~= 0 end
end

-- The visit's own facts: those that the import and the archive say. They make the fingerprint.
local function own(row)
  return {
    kind = row.kind, plate = row.plate, series = row.series, advisor = row.advisor, km = row.km,
    amount = row.amount_fen and row.amount_fen / 100, owner_kind = row.owner_kind, owner_name = row.owner_name,
    bringer_name = row.bringer_name, picked_up = row.picked_up_on ~= nil, call_wanted = truth(row.call_wanted),
    no_call_reason = row.no_call_reason, no_call_flag = row.flags > 0,
  }
end

-- Facts of a row of QUERY, and a hash (two: vault.indexes) of what belongs to the visit itself: what other visits and calls add (a talk yesterday, an open
-- complaint) changes daily and is no reason to take up a settled exclusion again.
function M.of(row, due_on, context)
  local facts = own(row)
  facts.staff_car = row.plate ~= nil and context.staff[row.plate] == true
  local tasked_on = later(row.tasked_on, context.tasked[row.vehicle_id])
  facts.days_since_task = tasked_on and clock.days_between(tasked_on, row.settled_on)
  local hash, before = vault.indexes("callback-facts", json.encode { facts = facts, due_on = due_on })
  facts.open_complaint = context.complained[row.vehicle_id] == true
  facts.days_since_call = days_since_call(row, due_on, context)
  return facts, hash, before
end

return M
