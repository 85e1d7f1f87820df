-- host.amend: changes another plugin's definition by id, so that its maker's next version still applies. A file in amend/ says
--     local amend = require "host.amend"
--     return amend "menus/main" {
--       set = { ["title.zh"] = "…", ["items.soup.price"] = 20 },
--       insert = { { into = "items", after = "soup", value = m.item "coffee" { zh = "…", en = "…" } } },
--       remove = { "items.rice" },
--     }
-- Where several plugins amend one definition, `before` and `after` (a plugin's id, or a list) say in which order that is done.
-- A step of a path names a key, or the element of a list with that id (or its number). A value is plain data, a definition, or
-- what an engine's constructor made.
local define = require "host.define"

local function text(v) return type(v) == "string" and v ~= "" end

local shape = { set = "table", insert = "list", remove = "list", about = "text", before = "any", after = "any" }
local insert_shape = { into = "string!", before = "string", after = "string", value = "any!" }

local function sets(at, target, given)
  local list = {}
  for path, value in pairs(given or {}) do
    if not text(path) then define.fail(at, target .. "：set 应写成 { [\"路径\"] = 值 }", target .. ": set is written { [\"path\"] = value }") end
    list[#list + 1] = { path = path, value = define.plain(value) }
  end
  table.sort(list, function(a, b) return a.path < b.path end)
  return list
end

local function inserts(at, target, given)
  local list = {}
  for _, one in ipairs(given or {}) do
    if type(one) ~= "table" or not define.check(at, target, one, insert_shape) then
      define.fail(at, target .. "：insert 的每一项应写成 { into = \"路径\", value = 值 }，可加 before 或 after",
        target .. ": each insert is written { into = \"path\", value = value }, perhaps with before or after")
    end
    list[#list + 1] = { into = one.into, before = one.before, after = one.after, value = define.plain(one.value) }
  end
  return list
end

-- Plugins that amend the same definition; the host puts amendments in order.
local function plugins(at, target, key, given)
  local list = type(given) == "table" and given or { given }
  for _, name in ipairs(list) do
    if not text(name) then
      define.fail(at, ("%s：%s 写另一个插件的 id，或几个 id 的列表"):format(target, key), ("%s: %s is the name of a plugin, or a list of them"):format(target, key))
    end
  end
  return given
end

local function removes(at, target, given)
  for _, path in ipairs(given or {}) do
    if not text(path) then define.fail(at, target .. "：remove 是路径的列表", target .. ": remove is a list of paths") end
  end
  return given or {}
end

return function(target)
  return function(spec)
    local at = define.here(1)
    if not text(target) or not target:match "^[%w_-]+/." then
      define.fail(at, "amend 后面写 \"扩展点/标识\"，例如 \"menus/main\"", "amend is followed by \"point/id\", for example \"menus/main\"")
    end
    if type(spec) ~= "table" then
      define.fail(at, target .. "：后面要写 { set = …, insert = …, remove = … }", target .. ": write { set = ..., insert = ..., remove = ... } behind it")
    end
    define.check(at, target, spec, shape)
    local data = { about = spec.about, order = spec.order, before = plugins(at, target, "before", spec.before),
                   after = plugins(at, target, "after", spec.after), set = sets(at, target, spec.set),
                   insert = inserts(at, target, spec.insert), remove = removes(at, target, spec.remove) }
    if #data.set + #data.insert + #data.remove == 0 then
      define.fail(at, target .. "：没有说要改什么（set、insert、remove 至少一个）", target .. ": says nothing to change (at least one of set, insert, remove)")
    end
    return define.new("amend", target, data, 1)
  end
end
