-- The certificate of an erasure: who asked, when, what was destroyed, what is kept by which rule, and the day after which no backup can bring the
-- person back. It names nobody but those who acted.
local clock = require "host.clock"
local json = require "host.json"
local who = require "host.who"

local certificate = {}

local GROUND = {
  request = { zh = "本人要求（个人信息保护法第四十七条）", en = "at the person's request (PIPL article 47)" },
  withdrawn = { zh = "撤回同意（个人信息保护法第四十七条）", en = "consent withdrawn (PIPL article 47)" },
  retention = { zh = "保存期限已满（个人信息保护法第四十七条）", en = "retention period over (PIPL article 47)" },
}

local KINDS = {
  { "names", "姓名和车主编号", "name and owner number" },
  { "numbers", "电话号码及其索引和掩码", "telephone numbers with their indexes and masks" },
  { "visits", "维修记录中的个人备注", "personal remarks on work orders" },
  { "vehicles", "车辆与车主的关联", "links of vehicles to their owner" },
  { "notes", "导入提示和被拒绝的行", "notes of imports and refused lines" },
  { "files", "含有号码的文件", "files that held a number" },
  { "calls", "回访中的个人说明", "personal words around calls" },
  { "forms", "跟踪单中的个人说明", "personal words on tracking forms" },
}

-- What stays, and the rule that says so.
local KEPT = {
  zh = {
    "维修记录（工单、日期、里程、金额、车架号）：三包规定第十七条要求保存不少于 6 年；在此期间只保存、不作他用（个人信息保护法第四十七条第二款）",
    "满意度得分、选项和次数：已无法识别个人，用于统计",
    "跟踪单的编号、期限和结果（不含客户的话）：统计和 3 年诉讼时效",
    "本申请的审计记录（不含个人信息）：保存 3 年",
  },
  en = {
    "repair records (order, days, kilometres, amount, VIN): the warranty rules, article 17, demand at least 6 years; until then they are stored only, "
      .. "not used (PIPL article 47, paragraph 2)",
    "scores, choices and counts: no person can be told from them; for statistics",
    "number, deadlines and outcome of tracking forms (without the customer's words): statistics and the limitation of 3 years",
    "the audit rows of this request (without personal data): 3 years",
  },
}

local function at(ms)
  if not ms then return nil end
  local day, time = clock.split(ms)
  return day .. " " .. time
end

function certificate.row(row)
  local ground, known = GROUND[row.ground], who.names()
  local function name_of(login) return login and (known[login] or login) or false end
  return {
    no = row.no, customer_id = row.customer_id, ground = ground, requested_by = name_of(row.requested_by), requested_at = at(row.requested_at),
    approved_by = name_of(row.approved_by), approved_at = at(row.approved_at) or false,
    done_by = name_of(row.done_by), done_at = at(row.done_at) or false, gone_on = row.gone_on or false,
    waits = row.approved_at == nil, approved = row.approved_at ~= nil and row.done_at == nil, done = row.done_at ~= nil,
  }
end

local function destroyed(counts, column)
  local out = {}
  for _, kind in ipairs(KINDS) do
    local n = counts[kind[1]] or 0
    if n > 0 then out[#out + 1] = ("%s (%d)"):format(kind[column], n) end
    counts[kind[1]] = nil
  end
  for id, n in pairs(counts) do -- of a dealer's own plugins
    if n > 0 then out[#out + 1] = ("%s (%d)"):format(id, n) end
  end
  table.sort(out)
  return out
end

local function zh(view, counts)
  return table.concat({
    ("删除证明 %s"):format(view.no),
    ("客户编号：%s；依据：%s"):format(view.customer_id, view.ground.zh),
    ("申请：%s，%s；批准：%s，%s；执行：%s，%s"):format(view.requested_by, view.requested_at, view.approved_by, view.approved_at, view.done_by, view.done_at),
    "已销毁：这位客户的密钥，因此电话号码、回答、备注、投诉内容和判定依据都无法再打开；" .. table.concat(destroyed(counts, 2), "；"),
    "保留及依据：" .. table.concat(KEPT.zh, "；"),
    ("密钥库的备份保存 %d 天：%s 之后，任何备份都无法恢复这位客户的资料"):format(view.days, view.gone_on),
  }, "\n")
end

local function en(view, counts)
  return table.concat({
    ("Certificate of erasure %s"):format(view.no),
    ("customer number: %s; ground: %s"):format(view.customer_id, view.ground.en),
    ("asked for by %s, %s; approved by %s, %s; run by %s, %s"):format(view.requested_by, view.requested_at, view.approved_by, view.approved_at,
      view.done_by, view.done_at),
    "destroyed: the customer's key, so that numbers, answers, remarks, complaints and the facts of decisions can never be opened again; "
      .. table.concat(destroyed(counts, 3), "; "),
    "kept, and by which rule: " .. table.concat(KEPT.en, "; "),
    ("backups of the key store are kept for %d days: after %s no backup can bring this customer back"):format(view.days, view.gone_on),
  }, "\n")
end

-- Of an erasure that is done; before, only how it stands.
function certificate.of(row)
  local view = certificate.row(row)
  if not view.done then return view end
  view.days = clock.days_between((clock.split(row.done_at)), row.gone_on)
  view.zh, view.en = zh(view, json.decode(row.counts)), en(view, json.decode(row.counts))
  return view
end

return certificate
