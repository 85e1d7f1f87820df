local g = require "a-point.define"

return g.greeting "morning" { text = { zh = "早上好", en = "Good morning" }, from = 5, till = 12 }
