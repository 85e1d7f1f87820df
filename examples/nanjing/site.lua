-- The example site: one dealership, the maker's pack, and a plugin of its own in plugins/nanjing.
return {
  name = { zh = "南京示范店", en = "Nanjing example store" },
  dealerships = {
    { id = "nanjing", name = { zh = "南京江北示范 4S 店", en = "Nanjing Jiangbei example dealer" } },
  },
  packs = { "changan" },
  -- Mails become files in data/mail; with a server: url = "smtp://mail.example:25".
  mail = { url = "dir:data/mail", from = "Forecourt <crm@nanjing.example>" },
  -- For how many days backups of the keys are kept: an erased customer is gone from the last of them after so long.
  backup = { keys_retention_days = 30 },
  settings = {
    callback = { staff_plates = { "苏A00001", "苏AD00002" } },
  },
}
