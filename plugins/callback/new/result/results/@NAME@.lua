-- One more thing that can come out of a call. `next`: close, retry, promise, contact_fix, person.
local e = require "callback.define"

return e.result "@NAME@" {
  zh = "请稍后再打", en = "Asked to call later", group = "reached", next = "promise", order = 15,
  hint = { zh = "不占用尝试次数", en = "Does not use an attempt" },
}
