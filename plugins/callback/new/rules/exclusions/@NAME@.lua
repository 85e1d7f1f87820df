-- Who is not called. A set named like a questionnaire decides for that questionnaire; the set "default" decides for all others.
-- The first rule that is true decides; what a rule may look at: forecourt doc exclusions.
local e = require "callback.define"
local v = e.facts "visit"

return e.exclusions "@NAME@" {
  version = "0.1.0",
  title = { zh = "@NAME@", en = "@NAME@" },

  e.rule "inner-job" {
    when = v.kind:matches "内部|PDI", kind = "no_call", detail = "kind",
    because = { zh = "内部工单不回访", en = "Inner jobs are not called" },
  },
  e.rule "called-lately" {
    when = v.days_since_call:lt(30), kind = "no_call",
    because = { zh = "30 天内通过话", en = "Talked to within 30 days" },
  },
  e.otherwise { because = { zh = "按期回访", en = "Called when due" } },

  -- Checked each time the file is loaded.
  e.example { { kind = "内部" }, rule = "inner-job" },
  e.example { { kind = "保养", days_since_call = 29 }, rule = "called-lately" },
  e.example { { kind = "保养", days_since_call = 30 }, rule = "otherwise" },
}
