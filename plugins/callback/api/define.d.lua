---@meta callback.define

---point "exclusions": 不回访规则：哪些客户不打电话。名称与问卷相同的一套管那份问卷，default 管其余。例子：examples/gallery/plugins/an-exclusion；新建：forecourt new rules NAME。
---Exclusion rules: who is not called. A set named like a questionnaire decides for it, "default" for all others. Example:
---examples/gallery/plugins/an-exclusion; to begin one: forecourt new rules NAME.

---point "results": 通话结果，即通话窗口里的按钮。例子：examples/gallery/plugins/a-result；新建：forecourt new result NAME。
---What can come out of a call: the buttons of the call window. Example: examples/gallery/plugins/a-result; to begin one: forecourt new result NAME.

---@class callback.VisitFacts
---不回访规则可以用的事实。不知道的事实使条件“未知”，不算成立。
---The facts exclusion rules may use. On a fact nobody knows a condition is unknown, never true.
---@field kind host.Fact  # 维修类型，照工单原文 / Kind of job, as the work order says it (text)
---@field plate host.Fact  # 车牌 / Plate (text)
---@field series host.Fact  # 车系 / Series (text)
---@field advisor host.Fact  # 服务顾问 / Service advisor (text)
---@field amount host.Fact  # 结算金额（元） / Amount settled (yuan) (number)
---@field km host.Fact  # 进厂里程 / Mileage (number)
---@field owner_kind host.Fact  # 车主性质：person 个人，company 单位 / Owner: person or company (text)
---@field owner_name host.Fact  # 车主 / Owner (text)
---@field bringer_name host.Fact  # 送修人 / Who brought the car (text)
---@field picked_up host.Fact  # 车已取走 / The car has been picked up (bool)
---@field call_wanted host.Fact  # 工单上“是否三日电访” / The order's own 'call after three days' (bool)
---@field no_call_reason host.Fact  # 工单上的不回访原因 / The order's reason not to call (text)
---@field no_call_flag host.Fact  # 车主、送修人或联系人要求过不再致电 / Owner, bringer or contact asked never to be called (bool)
---@field staff_car host.Fact  # 员工车辆（设置 staff_plates） / A staff car (setting staff_plates) (bool)
---@field open_complaint host.Fact  # 这辆车有未结的不满意跟踪单 / An open tracking form concerns this car (bool)
---@field days_since_call host.Fact  # 应回访日距上次与此人通话的天数（只看 30 天内） / Days from the last talk with this person to the due day (last 30) (number)
---@field days_since_task host.Fact  # 距本车上一张已有回访任务的工单的天数 / Days since this car's earlier job that has a task (number)
local VisitFacts = {}

---@class callback.define                        # require "callback.define"
---不回访规则和通话结果的构造器。
---Constructors of exclusion rules and call results.
local e = {}
---规则可以用的事实：local v = e.facts "visit"
---The facts rules may use: local v = e.facts "visit"
---@return callback.VisitFacts
function e.facts(subject) end
---一条规则：e.rule "pdi" { when = 条件, kind = "no_call" 或 "repeat", because = Text, detail = 事实名? }
---A rule: e.rule "pdi" { when = condition, kind = "no_call" or "repeat", because = Text, detail = name of a fact? }
function e.rule(id) end
---没有规则成立时：要回访。
---Where no rule is true: the customer is called.
function e.otherwise(spec) end
---每次加载都检查的例子：e.example { { kind = "PDI" }, rule = "pdi" }
---An example, checked at each load: e.example { { kind = "PDI" }, rule = "pdi" }
function e.example(spec) end
---一套规则：e.exclusions "id" { version, title?, 规则..., otherwise, 例子... }；第一条成立的规则决定。
---A set: e.exclusions "id" { version, title?, rules..., otherwise, examples... }; the first rule that is true decides.
function e.exclusions(id) end
---一种通话结果：e.result "LATER" { zh, en, group, next, counts?, success?, finish?, unhappy?, order?, hint?, ... }
---A call result: e.result "LATER" { zh, en, group, next, counts?, success?, finish?, unhappy?, order?, hint?, ... }
---group: reached, not_reached, invalid. next: close, retry, promise, contact_fix, person.
function e.result(code) end
---引擎的检查，由宿主调用。
---The engine's check; the host calls it.
function e.check(definitions) end
return e
