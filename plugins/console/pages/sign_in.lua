-- The door: a page for people, and the same as JSON for the dialog that lets someone go on where the session ended.
local page = require "host.page"
local session = require "host.session"

-- Only a place in this console: never another site's address, never the door itself.
local function inside(path)
  if type(path) ~= "string" or not path:match "^/[%w]" or path:match "[\r\n\\]" or path:match "^/sign%-" then return "/" end
  return path
end

return {
  page "GET !/sign-in" {
    who = "anyone",
    params = { next = "string:512", login = "string:80", changed = "boolean" },
    template = "sign_in.html",
    title = { zh = "登录", en = "Sign in" },
    function(req)
      return { next = inside(req.params.next), login = req.params.login or "", changed = req.params.changed }
    end,
  },
  page "POST !/sign-in" {
    who = "anyone",
    params = { login = "string:80", password = "string:1024", next = "string:512" },
    template = "sign_in.html",
    title = { zh = "登录", en = "Sign in" },
    function(req)
      local login, password, to = req.params.login or "", req.params.password or "", inside(req.params.next)
      if login == "" or password == "" then
        local sentence = { zh = "请填写用户名和密码。", en = "Enter your login and your password." }
        return page.status(422, { next = to, login = login, error = sentence })
      end
      local ok, told, code = session.sign_in(login, password)
      if not ok then return page.status(code == "LIMIT" and 429 or 403, { next = to, login = login, error = told }) end
      if req.json then return { ok = true, csrf = told } end
      return page.redirect("!" .. to)
    end,
  },
  page "POST !/sign-out" {
    who = "user",
    function()
      session.sign_out()
      return page.redirect "!/sign-in"
    end,
  },
}
