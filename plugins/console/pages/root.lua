local page = require "host.page"

return page "GET !/" {
  who = "user",
  function()
    return page.redirect "/"
  end,
}
