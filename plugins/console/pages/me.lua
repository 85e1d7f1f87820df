local page = require "host.page"
local session = require "host.session"
local who = require "host.who"
local roles = require "console.roles"

local function show(extra)
  local actor = who.actor()
  local data = { english = who.lang() == "en", role_names = roles.names(actor.roles) }
  for key, value in pairs(extra or {}) do data[key] = value end
  return data
end

-- Back to the page where the language was switched, within this console only.
local function back_to(path)
  if type(path) == "string" and path:match "^/[%w]" and not path:match "[\r\n\\]" then return "!" .. path end
  return "/me"
end

local function refuse(zh, en)
  return page.status(422, show { error = { zh = zh, en = en } })
end

return {
  page "GET /me" {
    who = "user",
    template = "me.html",
    title = { zh = "我的账号", en = "My account" },
    function()
      return show()
    end,
  },
  page "POST /me/lang" {
    who = "user",
    params = { lang = "string:2!", back = "string:512" },
    function(req)
      local lang = req.params.lang
      if lang ~= "zh" and lang ~= "en" then
        error({ zh = "只有中文和英文两种界面。", en = "The console speaks Chinese and English only." }, 0)
      end
      session.set_lang(lang)
      return page.redirect(back_to(req.params.back))
    end,
  },
  page "POST /me/password" {
    who = "user",
    params = { old = "string:1024", new = "string:1024", again = "string:1024" },
    template = "me.html",
    title = { zh = "我的账号", en = "My account" },
    function(req)
      local p = req.params
      if not p.old or p.old == "" or not p.new or p.new == "" then
        return refuse("请填写当前密码和新密码。", "Enter your present password and a new one.")
      end
      if p.new ~= p.again then
        return refuse("两次输入的新密码不一样，请重新输入。", "The two new passwords differ; enter them again.")
      end
      local ok, why = session.change_password(p.old, p.new)
      if not ok then return page.status(422, show { error = why }) end
      return page.redirect "!/sign-in?changed=true"
    end,
  },
}
