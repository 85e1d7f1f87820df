-- Erasing a customer (PIPL 47): asked for by the supervisor, approved by the general manager, run by IT or the general manager (domain P).
--
-- First one transaction empties what stands plainly (names, indexes, masks, free text) and what other plugins keep (point `erasures`), then the
-- person's key is destroyed: from then on nothing sealed of him can be opened. Killed in between, the same act run again goes on; run twice it
-- changes nothing. Visits, scores, counts and the vehicle stay: without the person they are statistics.
local db = require "host.db"
local audit = require "host.audit"
local call = require "host.call"
local clock = require "host.clock"
local counter = require "host.counter"
local json = require "host.json"
local point = require "host.point"
local vault = require "host.vault"
local who = require "host.who"
local certificate = require "archive.certificate"
local wipe = require "archive.wipe"

local erase = {}
local GROUNDS = { request = true, withdrawn = true, retention = true }

local function refuse(zh, en) error({ zh = zh, en = en }, 0) end

local function need(zh, en, ...)
  if not who.has(...) then refuse(zh, en) end
end

local function by_number(no)
  local row = db.one("SELECT * FROM archive_erasure WHERE no = ?", no)
  if not row then refuse(("没有编号为 %s 的删除申请"):format(no), ("There is no request %s to erase a customer."):format(no)) end
  return row
end

-- What has to be finished first, named by every plugin that knows of something.
local function refuse_open(customer_id)
  local zh, en = {}, {}
  for _, definition in ipairs(point "erasures") do
    for _, open in ipairs(definition.data.open and call(definition, "open", customer_id) or {}) do
      zh[#zh + 1], en[#en + 1] = open.zh, open.en
    end
  end
  if #zh > 0 then
    refuse(("这位客户还有未结的事项：%s。请先办结，再删除。"):format(table.concat(zh, "、")),
      ("This customer still has something open: %s. Finish it first, then erase."):format(table.concat(en, ", ")))
  end
end

-- Twice gives the same number.
function erase.request(customer_id, ground)
  need("只有主管或总经理可以申请删除客户。", "Only the supervisor or the general manager can ask for a customer to be erased.", "supervisor", "general-manager")
  if not GROUNDS[ground] then
    refuse("请选择删除的依据：本人要求、撤回同意或保存期已满。", "Choose the ground: at the person's request, consent withdrawn or retention over.")
  end
  return db.tx(function()
    if not db.one("SELECT id FROM archive_customer WHERE id = ?", customer_id) then refuse("没有这位客户。", "There is no such customer.") end
    local known = db.one("SELECT no FROM archive_erasure WHERE customer_id = ?", customer_id)
    if known then return known.no end
    refuse_open(customer_id)
    local day = clock.today():gsub("-", "")
    local no = ("SC-%s-%03d"):format(day, counter.next("SC-" .. day))
    db.run("INSERT INTO archive_erasure (id, no, customer_id, ground, requested_by, requested_at) VALUES (?, ?, ?, ?, ?, ?)", db.id(), no, customer_id,
      ground, who.actor().login, clock.now())
    audit.write("erase.request", "customer:" .. customer_id, no)
    return no
  end)
end

function erase.approve(no)
  need("删除客户由总经理批准。", "The general manager approves that a customer is erased.", "general-manager")
  return db.tx(function()
    local row = by_number(no)
    if row.approved_at then return row.no end
    db.run("UPDATE archive_erasure SET approved_by = ?, approved_at = ? WHERE id = ?", who.actor().login, clock.now(), row.id)
    audit.write("erase.approve", "customer:" .. row.customer_id, no)
    return row.no
  end)
end

local function empty(row, files)
  return db.tx(function()
    row = by_number(row.no)
    if row.wiped_at then return json.decode(row.counts) end
    refuse_open(row.customer_id)
    local counts = wipe.person(row.customer_id)
    counts.files = files
    for _, definition in ipairs(point "erasures") do counts[definition.id] = call(definition, "wipe", row.customer_id) end
    db.run("UPDATE archive_erasure SET wiped_at = ?, counts = ? WHERE id = ?", clock.now(), json.encode(counts), row.id)
    return counts
  end)
end

local function finish(row)
  db.tx(function()
    local gone_on = clock.add_days(clock.today(), vault.retention())
    local n = db.run("UPDATE archive_erasure SET done_by = ?, done_at = ?, gone_on = ? WHERE id = ? AND done_at IS NULL", who.actor().login,
      clock.now(), gone_on, row.id)
    if n == 1 then audit.write("erase", "customer:" .. row.customer_id, row.no) end
  end)
end

-- -> the certificate
function erase.run(no)
  need("删除由信息员或总经理执行。", "IT or the general manager runs the erasure.", "it", "general-manager")
  local row = by_number(no)
  if not row.approved_at then
    refuse(("删除申请 %s 还没有经总经理批准。"):format(no), ("Request %s has not been approved by the general manager."):format(no))
  end
  if not row.done_at then
    if not row.wiped_at then
      refuse_open(row.customer_id)
      empty(row, wipe.files(row.customer_id))
    end
    vault.forget(row.customer_id)
    finish(row)
  end
  return erase.certificate(no)
end

function erase.certificate(no)
  return certificate.of(by_number(no))
end

function erase.list()
  local out = json.array {}
  for i, row in ipairs(db.all "SELECT * FROM archive_erasure ORDER BY requested_at DESC LIMIT 200") do out[i] = certificate.row(row) end
  return out
end

return erase
