local g = require "a-point.define"

return g.greeting "@NAME@" { text = { zh = "夜深了", en = "It is late" }, from = 0, till = 5, order = 900 }
