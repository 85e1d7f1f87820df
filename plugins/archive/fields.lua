-- What a line of an import can fill, in the order in which a clerk chooses from.
-- kind decides how a cell is read and what a column's content must look like to be "plainly usable".
local fields = {
  { id = "order_no", kind = "order", required = true, zh = "工单号", en = "Order number" },
  { id = "vin", kind = "vin", required = true, zh = "车架号（VIN）", en = "VIN" },
  { id = "kind", kind = "word", zh = "维修类型", en = "Kind of work" },
  { id = "opened", kind = "date", zh = "开单日期", en = "Opened on" },
  { id = "settled", kind = "date", zh = "结算日期", en = "Settled on" },
  { id = "picked_up", kind = "date", zh = "交车日期", en = "Picked up on" },
  { id = "plate", kind = "plate", zh = "车牌号", en = "Plate" },
  { id = "brand", kind = "text", zh = "品牌", en = "Brand" },
  { id = "series", kind = "text", zh = "车系", en = "Series" },
  { id = "model", kind = "text", zh = "车型", en = "Model" },
  { id = "sold", kind = "date", zh = "购车日期", en = "Bought on" },
  { id = "km", kind = "km", zh = "进厂里程", en = "Kilometres" },
  { id = "owner_no", kind = "text", zh = "车主编号", en = "Owner number" },
  { id = "owner", kind = "name", zh = "车主", en = "Owner" },
  { id = "owner_kind", kind = "owner_kind", zh = "车主性质", en = "Person or company" },
  { id = "owner_mobile", kind = "phone", zh = "车主手机", en = "Owner's mobile" },
  { id = "owner_phone", kind = "phone", zh = "车主电话", en = "Owner's phone" },
  { id = "bringer", kind = "name", zh = "送修人", en = "Brought by" },
  { id = "bringer_mobile", kind = "phone", zh = "送修人手机", en = "Bringer's mobile" },
  { id = "bringer_phone", kind = "phone", zh = "送修人电话", en = "Bringer's phone" },
  { id = "contact", kind = "name", zh = "联系人", en = "Contact" },
  { id = "contact_mobile", kind = "phone", zh = "联系人手机", en = "Contact's mobile" },
  { id = "contact_phone", kind = "phone", zh = "联系人电话", en = "Contact's phone" },
  { id = "advisor", kind = "text", zh = "服务顾问", en = "Service advisor" },
  { id = "technician", kind = "text", zh = "维修技师", en = "Technician" },
  { id = "labour", kind = "money", zh = "工时费", en = "Labour" },
  { id = "parts", kind = "money", zh = "维修材料费", en = "Parts" },
  { id = "amount", kind = "money", zh = "结算金额", en = "Amount" },
  { id = "call_wanted", kind = "yesno", zh = "是否三日电访", en = "Call after three days" },
  { id = "preferred_time", kind = "word", zh = "三日电访时间", en = "Preferred time of call" },
  { id = "no_call_reason", kind = "word", zh = "不回访原因", en = "Reason not to call" },
  { id = "remark", kind = "text", zh = "备注", en = "Remark" },
}

local by_id = {}
for position, field in ipairs(fields) do
  field.position = position
  by_id[field.id] = field
end

return { list = fields, by_id = by_id }
