-- forecourt run thanks --day 2026-11-20: thanks by text whoever brought a car that day. Run again it goes on where the gateway failed: the gateway knows
-- a text by its id, so that one whose answer was lost is not sent twice.
local archive = require "archive"
local clock = require "host.clock"
local db = require "host.db"
local http = require "host.http"
local script = require "host.script"

local TEXT = "感谢您光临本店，对我们的服务有任何意见，欢迎随时来电。"

local function mobile_of(visit_id)
  for _, person in ipairs(archive.card(visit_id).people) do
    for _, phone in ipairs(person.phones) do
      if phone.kind == "mobile" and phone.state == "ok" then return archive.number(phone.id, "sms") end
    end
  end
end

local function choose(day)
  db.tx(function()
    db.run("INSERT INTO a_gateway_text (visit_id, made_at) SELECT id, ? FROM archive_visit WHERE settled_on = ? ON CONFLICT (visit_id) DO NOTHING",
      clock.now(), day)
  end)
end

local function send(visit_id, number)
  local answer, why = http.fetch {
    url = "https://sms.example.cn/v1/send",
    headers = { Authorization = "Bearer " .. http.secret "sms_token" },
    json = { id = tostring(visit_id), to = number, text = TEXT },
  }
  if not answer then return nil, why end
  if answer.status == 200 then return true end
  return nil, { zh = "短信网关答复 " .. answer.status, en = "the SMS gateway answers " .. answer.status }
end

return script "thanks" {
  title = { zh = "短信致谢", en = "Thanks by text" },
  who = { "supervisor", "it" },
  params = { script.day "day" { title = { zh = "结算日期", en = "Settled on" }, required = true } },
  run = function(params)
    choose(params.day)
    local sent, none, failed, why = 0, 0, 0, nil
    for _, row in ipairs(db.all "SELECT visit_id FROM a_gateway_text WHERE sent_at IS NULL ORDER BY visit_id") do
      local number = mobile_of(row.visit_id)
      local ok, reason
      if number then ok, reason = send(row.visit_id, number) end
      if ok then
        db.run("UPDATE a_gateway_text SET sent_at = ? WHERE visit_id = ?", clock.now(), row.visit_id)
        sent = sent + 1
      elseif number then
        failed, why = failed + 1, reason
      else
        none = none + 1
      end
    end
    return { summary = { sent = sent, without_mobile = none, failed = failed, why = why } }
  end,
  text = function(result)
    local s = result.summary
    local why = type(s.why) == "table" and s.why or { zh = s.why, en = s.why } -- the host's sentence is in the reader's language already
    return { zh = ("已发 %d 条，%d 位没有手机号码，%d 条没有发出"):format(s.sent, s.without_mobile, s.failed) .. (why.zh and "：" .. why.zh or ""),
             en = ("%d sent, %d without a mobile number, %d not sent"):format(s.sent, s.without_mobile, s.failed) .. (why.en and ": " .. why.en or "") }
  end,
}
