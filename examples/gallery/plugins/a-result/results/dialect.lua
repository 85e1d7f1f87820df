-- One more button in the call window: a colleague who speaks the customer's dialect calls again.
local e = require "callback.define"

return e.result "DIALECT" {
  zh = "听不懂方言，换人再打", en = "Dialect: a colleague calls again", group = "reached", next = "retry", counts = false, order = 16,
  hint = { zh = "不占用尝试次数", en = "Does not use an attempt" },
}
