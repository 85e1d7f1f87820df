-- An export that calls things its own way and writes numbers where others write words.
local a = require "archive.define"

return {
  a.columns "star-dms" { order_no = { "业务流水" }, settled = { "过账日" }, kind = { "业务代码" } },
  a.words "star-dms-words" { kind = { ["90010001"] = "定期保养", ["90010002"] = "事故" } },
}
