-- What surrounds every page: menu, header, banners, the dialogs that every page shares.
local frame = require "host.frame"
local plugins = require "host.plugins"
local who = require "host.who"
local menu = require "console.menu"
local roles = require "console.roles"

local function broken_plugins()
  if not who.has "it" then return nil end
  local names = {}
  for _, plugin in ipairs(plugins.list()) do
    if plugin.state == "broken" or #(plugin.problems or {}) > 0 then names[#names + 1] = plugin.id end
  end
  return #names > 0 and { names = table.concat(names, ", "), count = #names } or nil
end

-- The address as the menu knows it: below the dealership.
local function inside(path, id)
  local prefix = "/" .. tostring(id)
  if path:sub(1, #prefix) == prefix then path = path:sub(#prefix + 1) end
  return path == "" and "/" or path
end

local function initial(name)
  return (tostring(name):match "^[%z\1-\127\194-\244][\128-\191]*") or "?"
end

return frame {
  template = "frame.html",
  function(req, page)
    req, page = req or { path = "" }, page or {} -- a request that was refused before it was read
    local actor, english = who.actor(), who.lang() == "en"
    if actor.login == "anyone" or page.path == "/sign-in" then
      return { signed_in = false, bare = true, title = page.title, english = english }
    end
    local dealership = who.dealership()
    local groups = menu.groups(inside(req.path, dealership.id))
    return {
      signed_in = true, bare = false, groups = groups, title = menu.title(page, groups), english = english,
      initial = initial(actor.name), roles = roles.names(actor.roles), broken = broken_plugins(), may_search = menu.may_open "/search",
      reminders = menu.may_open "/call-reminders" and not inside(req.path, dealership.id):match "^/calls" or false,
      query = req.path:match "/search$" and req.params and req.params.q or nil,
    }
  end,
}
