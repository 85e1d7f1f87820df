return {
  id = "a-gateway",
  version = "1.0.0",
  title = { zh = "通过短信网关发短信", en = "Texts through an SMS gateway" },
  uses = { "host.db", "host.http" },
  needs = { archive = ">=1.0" },
  hosts = { "sms.example.cn" },
  secrets = { sms_token = "sms.example.cn" }, -- its value: the one line of the site's secrets/a-gateway.sms_token
}
