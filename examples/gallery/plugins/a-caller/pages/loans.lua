-- needs names the plugin, require gives its exports; what goes over is copied. A page without template answers JSON.
local loans = require "a-table"
local page = require "host.page"

return {
  page "GET /demo-cars" { who = "user", function() return { out = loans.out() } end },
  page "POST /demo-cars" {
    who = { "advisor" }, params = { plate = "string:20!" },
    function(req)
      loans.lend(req.params.plate)
      return page.redirect "/demo-cars"
    end,
  },
}
