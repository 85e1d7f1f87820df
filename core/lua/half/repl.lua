-- One line of the repl: run(code, require) -> { text = what it gave, or more = true where the line is not complete }. What a line sets stays for
-- the next one: a global, and a `local` at the beginning of a line, too. Raises what the line raised.
local json = require "host.json"

local env
local MOST = 4000

local function pick(zh, en) return require "host.who".lang() == "en" and en or zh end

local function shown(v, depth)
  local kind = type(v)
  if kind == "string" then return depth == 0 and v or '"' .. v:gsub("%c", function(c) return ("\\x%02X"):format(c:byte()) end) .. '"' end
  if kind ~= "table" then return tostring(v) end
  if depth > 5 then return "{…}" end
  local keys, out, n = {}, {}, #v
  for i = 1, n do out[i] = shown(v[i], depth + 1) end
  for k in pairs(v) do if not (math.type(k) == "integer" and k >= 1 and k <= n) then keys[#keys + 1] = k end end
  table.sort(keys, function(a, b) return tostring(a) < tostring(b) end)
  for _, k in ipairs(keys) do
    local name = type(k) == "string" and k:find "^[%a_][%w_]*$" and k or "[" .. shown(k, depth + 1) .. "]"
    out[#out + 1] = name .. " = " .. shown(v[k], depth + 1)
  end
  local line = table.concat(out, ", ")
  if #line <= 100 and not line:find "\n" then return #out == 0 and "{}" or "{ " .. line .. " }" end
  local margin = ("  "):rep(depth + 1)
  return "{\n" .. margin .. table.concat(out, ",\n" .. margin) .. "\n" .. ("  "):rep(depth) .. "}"
end

local function cut(text)
  if #text <= MOST then return text end
  return text:sub(1, (utf8.offset(text, 0, MOST) or MOST) - 1) .. "\n…"
end

local function world(own_require)
  return setmetatable({ require = own_require, json = json }, { __index = function(_, key)
    local v = rawget(_G, key)
    if v == nil then error({ zh = ("没有名为 '%s' 的变量"):format(tostring(key)), en = ("there is no variable '%s'"):format(tostring(key)) }, 0) end
    return v
  end })
end

local function compiled(code)
  local f = load("return " .. code, "@repl.lua", "t", env)
  if f then return f end
  local e
  f, e = load((code:gsub("^%s*local%s+([%a_][%w_]*)%s*=", "%1 =")), "@repl.lua", "t", env)
  return f, e
end

local function run(code, own_require)
  env = env or world(own_require)
  local f, e = compiled(code)
  if not f then
    if tostring(e):find "near <eof>" then return { more = true } end
    error(e, 0)
  end
  local values = table.pack(f())
  local out = {}
  for i = 1, values.n do out[i] = shown(values[i], 0) end
  return { text = cut(table.concat(out, "\n")) }
end

local function truth(is)
  if is == nil then return pick("未知", "unknown") end
  return is and pick("成立", "true") or pick("不成立", "false")
end

-- A condition as its author wrote it, and what it met: `text:matches "wheel"`.
local function leaf_line(leaf)
  local want = leaf.want == nil and "()" or " " .. shown(leaf.want, 1)
  local got = leaf.got == nil and pick("没有这项事实", "there was no such fact") or pick("实际是 ", "it was ") .. shown(leaf.got, 1)
  return ("      %s: %s:%s%s  (%s)"):format(truth(leaf.is), tostring(leaf.fact), tostring(leaf.op), want, got)
end

local function add_rules(out, trace)
  if #trace == 0 then return end
  out[#out + 1] = pick("依次问过的规则：", "the rules that were asked, in order:")
  for _, rule in ipairs(trace) do
    out[#out + 1] = ("  %s: %s"):format(truth(rule.is), rule.rule or "—")
    for _, leaf in ipairs(rule.leaves or {}) do out[#out + 1] = leaf_line(leaf) end
  end
end

local function add_facts(out, facts)
  local names = {}
  for name in pairs(facts) do names[#names + 1] = name end
  if #names == 0 then return end
  table.sort(names)
  out[#out + 1] = pick("当时的事实：", "the facts as they were:")
  for _, name in ipairs(names) do out[#out + 1] = ("  %s = %s"):format(name, shown(facts[name], 1)) end
end

local function sentence(text)
  if type(text) == "table" then return pick(text.zh or text.en, text.en or text.zh) end
  return text
end

-- Why a decision came out as it did: the rules that were looked at, in order, and the facts.
local function why(id)
  local d = require "host.rules".explain(id)
  if not d then error({ zh = ("没有编号为 %d 的决定"):format(id), en = ("there is no decision %d"):format(id) }, 0) end
  local result, out = d.result or {}, {}
  local day, hm = require "host.clock".split(d.at)
  local because = sentence(result.because or d.erased)
  out[1] = ("%s/%s: %s %s%s"):format(d.point, d.set_id, pick("规则", "rule"), d.rule or result.rule or "—",
    because and pick("，因为：", ", because: ") .. because or "")
  if result.outcome ~= nil then out[#out + 1] = pick("结果：", "outcome: ") .. shown(result.outcome, 1) end
  out[#out + 1] = pick("%s（内容 %s），%s %s，由 %s", "%s (content %s), %s %s, by %s"):format(d.place or "—", (d.set_hash or ""):sub(1, 12), day, hm, d.actor)
  add_rules(out, result.trace or {})
  add_facts(out, d.facts or {})
  return { text = cut(table.concat(out, "\n")) }
end

return { run = run, why = why }
