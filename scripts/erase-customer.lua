-- Erases a customer: one script, three acts of three people (domain P).
--
--   forecourt run erase-customer --as sun --act request --order RO2611180001 --person owner --ground request
--   forecourt run erase-customer --as gao --act approve --no SC-20261125-001
--   forecourt run erase-customer --act erase --no SC-20261125-001            (IT; the general manager may, too)
--   forecourt run erase-customer --act certificate --no SC-20261125-001
local script = require "host.script"

local function fail(zh, en) error({ zh = zh, en = en }, 0) end

local ROLES = { owner = "owner", bringer = "bringer", contact = "contact" }

local function customer_of(archive, params)
  if not params.order or params.order == "" then fail("申请时要写工单号（--order）。", "A request needs the order number (--order).") end
  local id = archive.visit_person(params.order, ROLES[params.person or "owner"])
  if not id then
    fail(("工单 %s 上没有这个人。"):format(params.order), ("There is no such person on order %s."):format(params.order))
  end
  return id
end

local ACTS = {
  request = function(archive, params)
    local no = archive.erasure_request(customer_of(archive, params), params.ground or "request")
    local known = archive.certificate(no) -- asked for before, it may be further on
    if known.done then return { no = no, zh = ("删除申请 %s 早已执行"):format(no), en = ("request %s was run already"):format(no) } end
    if known.approved then
      return { no = no, zh = ("删除申请 %s 已批准，等待信息员执行"):format(no), en = ("request %s is approved and waits for IT to run it"):format(no) }
    end
    return { no = no, zh = ("已登记删除申请 %s，等待总经理批准"):format(no), en = ("request %s is filed and waits for the general manager"):format(no) }
  end,
  approve = function(archive, params)
    archive.erasure_approve(params.no)
    return { no = params.no, zh = ("删除申请 %s 已批准"):format(params.no), en = ("request %s is approved"):format(params.no) }
  end,
  erase = function(archive, params) return archive.erase(params.no) end,
  certificate = function(archive, params)
    local found = archive.certificate(params.no)
    if not found.done then fail(("申请 %s 还没有执行，没有证明。"):format(params.no), ("Request %s has not been run; there is no certificate."):format(params.no)) end
    return found
  end,
}

local function run(params)
  if params.act ~= "request" and (not params.no or params.no == "") then fail("要写申请编号（--no）。", "The number of the request is needed (--no).") end
  local result = ACTS[params.act](require "archive", params)
  local told = { type = result.done and "certificate" or params.act, no = result.no, gone_on = result.gone_on or nil, zh = result.zh, en = result.en }
  return { summary = { no = result.no }, lines = { told }, zh = result.zh, en = result.en }
end

return script "erase-customer" {
  title = { zh = "删除客户资料", en = "Erase a customer" },
  about = { zh = "主管申请，总经理批准，信息员执行：销毁这位客户的密钥，清空姓名、号码和索引，保留统计，并出具证明。不能撤销。每一步用 --as 写明由谁来做。",
            en = "The supervisor asks, the general manager approves, IT runs it: the customer's key is destroyed, names, numbers and indexes are emptied, "
              .. "statistics stay, a certificate is issued. It cannot be undone. Each act names with --as who does it." },
  who = { "supervisor", "general-manager", "it" },
  params = {
    script.choice "act" { title = { zh = "步骤", en = "Act" }, required = true, choices = {
      { value = "request", title = { zh = "申请（主管）", en = "ask (supervisor)" } }, { value = "approve", title = { zh = "批准（总经理）", en = "approve (general manager)" } },
      { value = "erase", title = { zh = "执行（信息员、总经理）", en = "erase (IT, general manager)" } }, { value = "certificate", title = { zh = "证明", en = "certificate" } } } },
    script.string "no" { title = { zh = "申请编号", en = "Number of the request" }, hint = { zh = "申请之后的步骤需要", en = "for every act but asking" } },
    script.string "order" { title = { zh = "工单号", en = "Order number" }, hint = { zh = "申请时：这位客户的任意一张工单", en = "for asking: any order of the customer" } },
    script.choice "person" { title = { zh = "工单上的哪一位", en = "Who on the order" }, default = "owner", choices = {
      { value = "owner", title = { zh = "车主", en = "owner" } }, { value = "bringer", title = { zh = "送修人", en = "who brought the car" } },
      { value = "contact", title = { zh = "联系人", en = "contact" } } } },
    script.choice "ground" { title = { zh = "依据", en = "Ground" }, default = "request", choices = {
      { value = "request", title = { zh = "本人要求", en = "the person's request" } }, { value = "withdrawn", title = { zh = "撤回同意", en = "consent withdrawn" } },
      { value = "retention", title = { zh = "保存期限已满", en = "retention over" } } } },
  },
  run = run,
  text = function(result) return { zh = result.zh, en = result.en } end,
}
