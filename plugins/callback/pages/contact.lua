-- The contact-data list: whom nobody could reach; the advisor who received the customer answers.
local archive = require "archive"
local db = require "host.db"
local json = require "host.json"
local page = require "host.page"
local who = require "host.who"
local clock = require "host.clock"
local contact = require "callback.contact"
local window = require "callback.window"

local ANSWERERS = { "specialist", "supervisor", "director", "advisor" }
local ROLE = { bringer = { zh = "送修人", en = "Brought the car" }, owner = { zh = "车主", en = "Owner" }, contact = { zh = "联系人", en = "Contact" } }


-- The advisor knows his customer: names open for him, numbers stay masked.
local function people_of(task_id)
  local task, out = db.one("SELECT visit_id FROM call_task WHERE id = ?", task_id), json.array {}
  for i, person in ipairs(archive.card(task.visit_id).people) do
    out[i] = { customer_id = person.customer_id, role = ROLE[person.role] or { zh = person.role, en = person.role }, name = person.name }
  end
  return out
end

local function rows()
  local _, names = window.results()
  local list, out = contact.list(), json.array {}
  for i, row in ipairs(list) do
    out[i] = { id = tostring(row.id), no = row.no, task_id = tostring(row.task_id), visit_id = tostring(row.visit_id), order_no = row.order_no,
               customer = row.customer, plate = row.plate or "",
               reason = names[row.reason] or { zh = row.reason, en = row.reason }, failed = row.failed, tried = row.tried, advisor = row.advisor,
               due = ("%s %s"):format(row.due_day, row.due_hm), late = row.late, opened = (clock.split(row.opened_at)) }
  end
  return out
end

return {
  page "GET /contact-fixes" {
    who = { "specialist", "supervisor", "director", "advisor", "general-manager" },
    params = { done = "string:10" },
    template = "contact.html",
    title = { zh = "联系方式核实", en = "Contact data" },
    menu = { zh = "联系方式核实", en = "Contact data", icon = "address-book", order = 15, badge = "callback.contact_fix" },
    function(req)
      local list = rows()
      return { rows = list, any = #list > 0, done = req.params.done or false, can_open = who.has("specialist", "supervisor", "director", "general-manager"),
               can_answer = who.has(table.unpack(ANSWERERS)) }
    end,
  },
  page "GET /contact-fixes/:id" {
    who = ANSWERERS,
    params = { id = "id!" },
    template = "contact_answer.html",
    title = { zh = "答复联系方式", en = "Answer about contact data" },
    function(req)
      for _, row in ipairs(rows()) do
        if row.id == tostring(req.params.id) then
          row.people = people_of(math.tointeger(tonumber(row.task_id)))
          return row
        end
      end
      error({ zh = "这条已经答复过了，或不是您接待的客户。", en = "This line has been answered, or it is not your customer." }, 0)
    end,
  },
  page "POST /contact-fixes/:id" {
    who = ANSWERERS,
    params = { id = "id!", what = "string:10!", number = "string:40", customer = "id", reply = "text:2000" },
    function(req)
      local p = req.params
      local answer = contact.answer(p.id, { what = p.what, number = p.number, customer = p.customer, reply = p.reply })
      return page.redirect(("/contact-fixes?done=%s"):format(answer.next_call_on or "none"))
    end,
  },
}
