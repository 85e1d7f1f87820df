-- What the columns of this store's dealer system are called. It adds to what is known and takes nothing away; try another name and import again.
local a = require "archive.define"

return a.columns "our-dms" {
  order_no = { "施工单号" },
  settled = { "收银日期" },
  picked_up = { "客户提车日" },
}
