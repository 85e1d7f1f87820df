---@meta a-point.define

---point "greetings": 问候语：一天中某几个小时说什么。例子：examples/gallery/plugins/a-greeting；新建：forecourt new greeting NAME。
---Greetings: what is said in some hours of the day. Example: examples/gallery/plugins/a-greeting; to begin one: forecourt new greeting NAME.

---@class a-point.define                         # require "a-point.define"
---问候语的构造器。
---The constructor of greetings.
local g = {}
---g.greeting "morning" { text = Text, from = 5, till = 12 }
---一条问候语：g.greeting "morning" { text = Text, from = 5, till = 12 }
function g.greeting(id) end
return g
