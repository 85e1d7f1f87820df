-- What the columns of a dealer system are called, and what its dictionary numbers mean. It adds to what is known.
local a = require "archive.define"

return {
  a.columns "@NAME@" { order_no = { "@NAME@ 单号" }, settled = { "@NAME@ 结算日" } },
  a.words "@NAME@-words" { kind = { ["@NAME@-01"] = "定期保养" } },
}
