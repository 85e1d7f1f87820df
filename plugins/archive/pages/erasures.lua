-- Requests to erase a customer: asked for on the card (supervisor), approved here (general manager), run here (IT or the general manager) as a job,
-- because it waits for the disk. Shows nobody's name: IT sees no customer (domain P).
local jobs = require "host.jobs"
local json = require "host.json"
local page = require "host.page"
local who = require "host.who"
local card = require "archive.card"
local erase = require "archive.erase"

local SEE = { "supervisor", "general-manager", "it" }
local TITLE = { zh = "删除客户", en = "Erased customers" }

local function view(lang)
  local rows = erase.list()
  for _, row in ipairs(rows) do
    row.ground = row.ground[lang]
    row.may_approve = row.waits and who.has "general-manager"
    row.may_run = row.approved and who.has("general-manager", "it")
  end
  return { rows = rows, any = #rows > 0 }
end

-- Both languages stand on the page: the customer gets his, the file keeps both.
local function lines(text)
  local out = json.array {}
  for line in (text or ""):gmatch "[^\n]+" do out[#out + 1] = { line = line } end
  return out
end

-- The customer must be one of this card's.
local function on_card(visit_id, customer_id)
  for _, person in ipairs(card.of(visit_id).people) do
    if person.customer_id == customer_id then return customer_id end
  end
  error({ zh = "这位客户不在这张卡片上", en = "this customer is not on this card" }, 0)
end

return {
  page "GET /erasures" {
    who = SEE, template = "erasures.html", title = TITLE, menu = { zh = "删除客户", en = "Erasures", icon = "user-x", order = 88 },
    function(req) return view(req.lang) end,
  },
  page "GET /erasures/:no" {
    who = SEE, params = { no = "string:40!" }, template = "certificate.html", title = { zh = "删除证明", en = "Certificate of erasure" },
    function(req)
      local shown = erase.certificate(req.params.no)
      return { no = shown.no, done = shown.done, zh_lines = lines(shown.zh), en_lines = lines(shown.en) }
    end,
  },
  page "POST /erasures/:no/approve" {
    who = { "general-manager" }, params = { no = "string:40!" },
    function(req)
      erase.approve(req.params.no)
      return page.redirect "/erasures"
    end,
  },
  page "POST /erasures/:no/run" {
    who = { "general-manager", "it" }, params = { no = "string:40!" },
    function(req)
      erase.certificate(req.params.no) -- there is such a request
      jobs.start("erase-customer", { act = "erase", no = req.params.no })
      return page.redirect "/scripts"
    end,
  },
  page "POST /visits/:id/erasure" {
    who = { "supervisor", "general-manager" }, params = { id = "id!", customer = "id!", ground = "string:20!" },
    function(req)
      erase.request(on_card(req.params.id, req.params.customer), req.params.ground)
      return page.redirect "/erasures"
    end,
  },
}
