-- What the menu shows: every page that declares `menu`, for those who may open it, with its badge.
local host_point = require "host.point"
local text = require "host.text"
local who = require "host.who"

local M = {}

-- Entries are shown under the heading of their decade of `order`: 0-49 work, 50-79 figures, 80 and up the house.
local GROUPS = {
  { id = "work", below = 50 },
  { id = "figures", below = 80, title = { zh = "统计", en = "Figures" } },
  { id = "house", below = math.huge, title = { zh = "系统", en = "System" } },
}

local function permitted(data)
  if data.who == "anyone" or data.who == "user" then return true end
  return who.has(table.unpack(data.who))
end

-- The page of a path, if this person may open it: what links to other plugins' pages asks here first, so that no link is dead.
function M.may_open(path)
  local bare = path:match "^[^?]*"
  for _, definition in ipairs(host_point "pages") do
    local data = definition.data
    if data.method == "GET" and not data.root and data.path == bare then return permitted(data) end
  end
  return false
end

local function export(plugin)
  if plugin == "callback" then return require "callback" end
  if plugin == "complaint" then return require "complaint" end
  return nil
end

-- Badge numbers of a plugin. A plugin in trouble must not take the menu with it: then there is no number.
function M.tallies(plugin)
  local found, exports = pcall(export, plugin)
  if not found or not exports then return {} end
  local counted, numbers = pcall(exports.tallies, who.actor().login)
  return counted and numbers or {}
end

local function badge_of(name, known)
  local plugin, key = tostring(name):match "^([%w_-]+)%.([%w_-]+)$"
  if not plugin then return nil end
  known[plugin] = known[plugin] or M.tallies(plugin)
  local n = known[plugin][key]
  if not n or n == 0 then return nil end
  return { n = n > 999 and "999+" or tostring(n), late = (known[plugin].overdue or 0) > 0 }
end

local function by_order(a, b)
  if a.order ~= b.order then return a.order < b.order end
  return a.path < b.path
end

local function entries(known)
  local out = {}
  for _, definition in ipairs(host_point "pages") do
    local data = definition.data
    if data.menu and data.method == "GET" and not data.root and permitted(data) then
      out[#out + 1] = {
        path = data.path, title = { zh = data.menu.zh, en = data.menu.en }, icon = "ti-" .. (data.menu.icon or "point"),
        order = data.menu.order or 49, badge = data.menu.badge and badge_of(data.menu.badge, known) or false,
      }
    end
  end
  table.sort(out, by_order)
  return out
end

-- The entry whose path is the longest beginning of the page's own.
local function active_of(list, path)
  local best
  for _, entry in ipairs(list) do
    local own = entry.path == "/" and path == "/"
    local above = entry.path ~= "/" and (path == entry.path or path:sub(1, #entry.path + 1) == entry.path .. "/")
    if (own or above) and (not best or #entry.path > #best.path) then best = entry end
  end
  return best
end

-- Groups of entries for the menu; path is that of the open page below the dealership.
function M.groups(path)
  local list, out, at = entries {}, {}, 0
  local active = active_of(list, path)
  for _, entry in ipairs(list) do
    entry.active = entry == active
    while at == 0 or entry.order >= GROUPS[at].below do
      at = at + 1
      if entry.order < GROUPS[at].below then out[#out + 1] = { heading = GROUPS[at].title or false, entries = {} } end
    end
    local group = out[#out]
    group.entries[#group.entries + 1] = entry
  end
  return out
end

-- "Calls" for a title bar where the page has no title of its own.
function M.title(page, groups)
  if page.title then return text.pick(page.title) end
  for _, group in ipairs(groups) do
    for _, entry in ipairs(group.entries) do
      if entry.active then return text.pick(entry.title) end
    end
  end
  return nil
end

return M
