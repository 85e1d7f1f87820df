-- What a questionnaire is made of. A file in questionnaires/ says
--     local q = require "survey.define"
--     local prompt = q.rate "prompt_reception" { zh = "...", en = "...", weight = 30 }
--     return q.questionnaire "service-phone" { version = "1.0.0", ..., q.section "reception" { ..., prompt }, q.unhappy { when = prompt:le(4) } }
-- A question's handle is a fact, so conditions are written on it: prompt:le(6), told:is "no", why:has "price".
-- All that is wrong with a questionnaire is told in one run, each with file and line; what needs the evaluator (the
-- examples) is done by `check`, which the host calls when everything is frozen.

local define = require "host.define"
local predicate = require "host.predicate"
local reckon = require "survey.reckon"
local checks = require "survey.checks"

local M = {}

local FACT_TYPE = { rate = "number", yesno = "text", choice = "text", multi = "list", text = "text" }
local YESNO = { yes = true, no = true, unsure = true }

-- What a table made here is: handle or table -> { kind = ..., at = ..., ... }. Held by the table itself being alive only.
local made = setmetatable({}, { __mode = "k" })
-- Places of a questionnaire's examples, for `check`: id -> { at, ... }. Not in the data: a moved line is no new version.
local example_at = {}

-- ------------------------------------------------------------------------------------------------ small checks

local function filled(v) return type(v) == "string" and v:find "%S" ~= nil end

local function check_text(at, zh, en, v)
  if type(v) ~= "table" or not (filled(v.zh) or filled(v.en)) then
    define.problem(at, zh .. "没有文字：请写 zh = \"…\" 和 en = \"…\"", en .. " has no text: write zh = \"...\" and en = \"...\"")
  elseif not filled(v.zh) then
    define.problem(at, zh .. "缺少中文文字：请补上 zh = \"…\"", en .. " has no Chinese text: add zh = \"...\"")
  elseif not filled(v.en) then
    define.problem(at, zh .. "缺少英文文字：请补上 en = \"…\"", en .. " has no English text: add en = \"...\"")
  end
end

local function check_weight(at, zh, en, weight)
  if weight == nil then return end
  if type(weight) ~= "number" or weight ~= weight or weight <= 0 or weight == math.huge then
    define.problem(at, ("%s的 weight 必须是大于 0 的数字，现在是 %s"):format(zh, tostring(weight)),
      ("%s: weight must be a number above 0, not %s"):format(en, tostring(weight)))
  end
end

local function check_keys(at, zh, en, spec, allowed)
  for key in pairs(spec) do
    if type(key) == "string" and not allowed[key] then
      define.problem(at, ("%s里没有“%s”这一项，请检查拼写"):format(zh, key),
        ("%s: unknown key '%s'; check its spelling"):format(en, key))
    end
  end
end

local function check_predicate(at, zh, en, p)
  if p == nil or predicate.is_predicate(p) then return p end
  define.problem(at, zh .. "必须是条件，例如 prompt:le(6)", en .. " must be a condition, for example prompt:le(6)")
end

local function words_of(list)
  local set = {}
  for _, w in ipairs(list) do set[w] = true end
  return set
end

local function good_id(at, zh, en, id)
  if type(id) == "string" and id:find "^[%a][%w_%-]*$" and #id <= 64 then return end
  define.fail(at, ("%s的名称“%s”不合规：以字母开头，只用字母、数字、_ 和 -"):format(zh, tostring(id)),
    ("%s: '%s' is not a good id: begin with a letter, use letters, digits, _ and -"):format(en, tostring(id)))
end

-- --------------------------------------------------------------------------------------------------- questions

local ITEM_KEYS = words_of { "zh", "en", "show_if", "hint" }

local function item(kind, extra, check)
  local allowed = setmetatable(words_of(extra), { __index = ITEM_KEYS })
  return function(id)
    good_id(define.here(1), "问题", "question", id)
    return function(spec)
      local at = define.here(1)
      local zh, en = ("问题“%s”"):format(id), ("question \"%s\""):format(id)
      if type(spec) ~= "table" then
        define.fail(at, zh .. "后面要写 { zh = \"…\", en = \"…\" }", en .. " must be followed by { zh = \"...\", en = \"...\" }")
      end
      check_keys(at, zh, en, spec, allowed)
      check_text(at, zh, en, spec)
      if spec.hint then check_text(at, zh .. "的提示", en .. ", hint", spec.hint) end
      local data = { id = id, kind = kind, title = { zh = spec.zh, en = spec.en }, hint = spec.hint,
                     show_if = check_predicate(at, zh .. "的 show_if ", en .. ": show_if", spec.show_if) }
      if check then check(at, zh, en, spec, data) end
      local h = predicate.fact(id, FACT_TYPE[kind])
      made[h] = { what = "item", at = at, data = data }
      return define.stands_for(h, data)
    end
  end
end

M.rate = item("rate", { "weight", "ask_reason_below" }, function(at, zh, en, spec, data)
  check_weight(at, zh, en, spec.weight)
  local limit = spec.ask_reason_below
  if limit ~= nil and (math.type(limit) ~= "integer" or limit < 0 or limit > 10) then
    define.problem(at, zh .. "的 ask_reason_below 必须是 0 到 10 的整数", en .. ": ask_reason_below must be an integer from 0 to 10")
  end
  data.weight, data.ask_reason_below = tonumber(spec.weight) or 1, math.tointeger(limit) or 7
end)

M.yesno = item("yesno", { "bad" }, function(at, zh, en, spec, data)
  if spec.bad ~= nil and not YESNO[spec.bad] then
    define.problem(at, zh .. "的 bad 只能是 \"yes\"、\"no\" 或 \"unsure\"", en .. ": bad must be \"yes\", \"no\" or \"unsure\"")
  end
  data.bad = spec.bad
end)

local function check_option(at, zh, en, option, seen)
  local id = type(option) == "table" and option[1] or option
  if type(id) ~= "string" or not id:find "^[%w_%-]+$" then
    define.problem(at, zh .. "的选项要写成 { \"wait\", zh = \"…\", en = \"…\" }，名称只用字母、数字、_ 和 -",
      en .. ": an option is written { \"wait\", zh = \"...\", en = \"...\" }, its id in letters, digits, _ and -")
    return nil
  end
  if type(option) ~= "table" then option = {} end
  check_text(at, ("%s的选项“%s”"):format(zh, id), ("%s: option \"%s\""):format(en, id), option)
  if seen[id] then
    define.problem(at, ("%s的选项“%s”出现了两次"):format(zh, id), ("%s: option \"%s\" stands there twice"):format(en, id))
  end
  seen[id] = true
  return { id = id, zh = option.zh, en = option.en }
end

local function options(at, zh, en, spec, data)
  data.options = {}
  local seen = {}
  if type(spec.options) ~= "table" or #spec.options == 0 then
    define.problem(at, zh .. "没有选项：请写 options = { { \"wait\", zh = \"…\", en = \"…\" }, … }",
      en .. " has no options: write options = { { \"wait\", zh = \"...\", en = \"...\" }, ... }")
    return
  end
  for _, option in ipairs(spec.options) do
    data.options[#data.options + 1] = check_option(at, zh, en, option, seen)
  end
  if spec.bad ~= nil then
    if not seen[spec.bad] then
      define.problem(at, ("%s的 bad 指向不存在的选项“%s”"):format(zh, tostring(spec.bad)),
        ("%s: bad names '%s', which is no option"):format(en, tostring(spec.bad)))
    end
    data.bad = spec.bad
  end
end

M.choice = item("choice", { "options", "bad" }, options)
M.multi = item("multi", { "options" }, options)
M.text = item("text", {})

-- ------------------------------------------------------------------------------------- sections and their company

local SECTION_KEYS = words_of { "title", "weight", "show_if", "script" }

function M.section(id)
  good_id(define.here(1), "分组", "section", id)
  return function(spec)
    local at = define.here(1)
    local zh, en = ("分组“%s”"):format(id), ("section \"%s\""):format(id)
    check_keys(at, zh, en, spec, SECTION_KEYS)
    check_text(at, zh .. "的标题", en .. ", title", spec.title)
    if spec.script then check_text(at, zh .. "的话术", en .. ", script", spec.script) end
    check_weight(at, zh, en, spec.weight)
    local section = { what = "section", at = at, zh = zh, en = en, own_weight = spec.weight ~= nil, items = {},
                      data = { id = id, title = spec.title, script = spec.script, weight = tonumber(spec.weight) or 1, items = {},
                               show_if = check_predicate(at, zh .. "的 show_if ", en .. ": show_if", spec.show_if) } }
    for _, h in ipairs(spec) do
      local one = made[h]
      if one and one.what == "item" then
        section.items[#section.items + 1] = one
        section.data.items[#section.data.items + 1] = one.data
        section.rated = section.rated or one.data.kind == "rate"
      else
        define.problem(at, zh .. "里只能放问题（q.rate、q.yesno、q.choice、q.multi、q.text）",
          en .. " may only hold questions (q.rate, q.yesno, q.choice, q.multi, q.text)")
      end
    end
    local t = {}
    made[t] = section
    return define.stands_for(t, section.data)
  end
end

function M.unhappy(spec)
  local at = define.here(1)
  check_keys(at, "q.unhappy ", "q.unhappy", spec, words_of { "when", "serious" })
  if spec.when == nil then
    define.problem(at, "q.unhappy 缺少 when：什么样的回答算不满意", "q.unhappy has no `when`: which answers make a customer unhappy")
  end
  local t = {}
  made[t] = { what = "unhappy", at = at, data = {
    when = check_predicate(at, "q.unhappy 的 when ", "q.unhappy: when", spec.when),
    serious = check_predicate(at, "q.unhappy 的 serious ", "q.unhappy: serious", spec.serious) } }
  return t
end

local EXAMPLE = { answers = "table", unhappy = "boolean", serious = "boolean", score = "number", shown = "table", hidden = "table" }

function M.example(spec)
  local at = define.here(1)
  check_keys(at, "q.example ", "q.example", spec, EXAMPLE)
  for key, want in pairs(EXAMPLE) do
    if spec[key] ~= nil and type(spec[key]) ~= want then
      define.problem(at, ("q.example 的 %s 类型不对，应为 %s"):format(key, want), ("q.example: %s must be a %s"):format(key, want))
      spec[key] = nil
    end
  end
  if spec.answers == nil then
    define.problem(at, "q.example 缺少 answers = { … }", "q.example has no answers = { ... }")
    spec.answers = {}
  end
  local t = {}
  made[t] = { what = "example", at = at, data = spec }
  return t
end

-- ----------------------------------------------------------------------------------------------- questionnaire

local QUESTIONNAIRE = words_of { "version", "about", "via", "title", "intro", "consent", "closing", "branches" }
local BRANCHES = words_of { "busy", "refuse", "unhappy", "not_driver" }

local function sort_parts(at, spec)
  local sections, examples, unhappy = {}, {}, nil
  for _, part in ipairs(spec) do
    local one = made[part]
    if one and one.what == "section" then
      sections[#sections + 1] = one
    elseif one and one.what == "example" then
      examples[#examples + 1] = one
    elseif one and one.what == "unhappy" and not unhappy then
      unhappy = one
    elseif one and one.what == "unhappy" then
      define.problem(one.at, "一份问卷只能有一个 q.unhappy", "a questionnaire has only one q.unhappy")
    else
      define.problem(at, "问卷里只能放 q.section、q.unhappy 和 q.example；问题要放进分组",
        "a questionnaire holds q.section, q.unhappy and q.example only; questions go into a section")
    end
  end
  return sections, examples, unhappy
end

local function check_head(at, zh, en, spec)
  check_keys(at, zh, en, spec, QUESTIONNAIRE)
  check_text(at, zh .. "的标题", en .. ", title", spec.title)
  for _, key in ipairs { "intro", "consent", "closing" } do
    if spec[key] ~= nil then check_text(at, ("%s的 %s "):format(zh, key), ("%s, %s"):format(en, key), spec[key]) end
  end
  check_keys(at, zh .. "的 branches ", en .. ", branches", spec.branches or {}, BRANCHES)
  for key, value in pairs(spec.branches or {}) do
    check_text(at, ("%s的 branches.%s "):format(zh, key), ("%s, branches.%s"):format(en, key), value)
  end
  for _, key in ipairs { "version", "about", "via" } do
    if not filled(spec[key]) then
      define.problem(at, ("%s缺少 %s = \"…\""):format(zh, key), ("%s has no %s = \"...\""):format(en, key))
    end
  end
end

function M.questionnaire(id)
  good_id(define.here(1), "问卷", "questionnaire", id)
  return function(spec)
    local at = define.here(1)
    local zh, en = ("问卷“%s”"):format(id), ("questionnaire \"%s\""):format(id)
    check_head(at, zh, en, spec)
    local sections, examples, unhappy = sort_parts(at, spec)
    if #sections == 0 then define.problem(at, zh .. "没有分组：至少要有一个 q.section", en .. " has no section: it needs at least one q.section") end
    local q = checks.whole(sections, unhappy)
    local data = { version = spec.version, about = spec.about, via = spec.via, title = spec.title, intro = spec.intro,
                   consent = spec.consent, closing = spec.closing, branches = spec.branches or {}, sections = {}, examples = {},
                   unhappy = unhappy and unhappy.data }
    for _, s in ipairs(sections) do data.sections[#data.sections + 1] = s.data end
    example_at[id] = {}
    for _, e in ipairs(examples) do
      checks.example(q, e)
      if not e.broken then
        data.examples[#data.examples + 1] = e.data
        table.insert(example_at[id], e.at)
      end
    end
    return define.new("questionnaires", id, data, 1)
  end
end

-- --------------------------------------------------------------------------------------- examples, by the evaluator

local function say(v)
  if type(v) == "number" then return ("%.3f"):format(v):gsub("0+$", ""):gsub("%.$", "") .. "" end
  return tostring(v)
end

local function compare(at, what, want, got)
  if want == nil or want == got then return end
  if type(want) == "number" and type(got) == "number" and math.abs(want - got) < 0.0051 then return end
  define.problem(at, ("例子不成立：%s 应为 %s，实际为 %s"):format(what, say(want), say(got)),
    ("the example does not come out: %s should be %s but is %s"):format(what, say(want), say(got)))
end

local function run_example(data, example, at, test)
  local got = reckon.run(data, example.answers, test)
  compare(at, "unhappy", example.unhappy, got.unhappy)
  compare(at, "serious", example.serious, got.serious)
  compare(at, "score", example.score, got.score)
  for _, id in ipairs(example.shown or {}) do compare(at, ("shown %s"):format(id), true, got.shown[id] == true) end
  for _, id in ipairs(example.hidden or {}) do compare(at, ("shown %s"):format(id), false, got.shown[id] == true) end
end

-- A questionnaire that another plugin amended never went through the constructors: it is looked at as it came out.
local function check_amended(d)
  local at, sections = d.amended[#d.amended].at, {}
  for _, s in ipairs(d.data.sections) do
    local zh, en = ("分组“%s”"):format(s.id), ("section \"%s\""):format(s.id)
    local section = { what = "section", at = at, zh = zh, en = en, own_weight = true, data = s, items = {} }
    check_text(at, zh .. "的标题", en .. ", title", s.title)
    for _, one in ipairs(s.items) do
      local known = FACT_TYPE[one.kind] ~= nil
      if not known then
        define.problem(at, ("问题“%s”没有种类：请用 q.rate、q.yesno 等写出来"):format(tostring(one.id)),
          ("question \"%s\" is of no kind: make it with q.rate, q.yesno and the like"):format(tostring(one.id)))
      end
      check_text(at, ("问题“%s”"):format(tostring(one.id)), ("question \"%s\""):format(tostring(one.id)), one.title)
      section.items[#section.items + 1] = known and { what = "item", at = at, data = one } or nil
      section.rated = section.rated or one.kind == "rate"
    end
    sections[#sections + 1] = section
  end
  checks.whole(sections, d.data.unhappy and { at = at, data = d.data.unhappy })
end

function M.check(definitions)
  local rules = require "host.rules"
  for _, d in ipairs(definitions) do
    if d.amended then check_amended(d) end
    for i, example in ipairs(d.data.examples or {}) do
      run_example(d.data, example, (example_at[d.id] or {})[i] or d.at, rules.test)
    end
  end
end

return M
