---@meta complaint.define

---point "severity": 严重程度规则：不满意到什么程度要开跟踪单。site.lua 的 settings.complaint.severity 指明用哪一套。例子：examples/gallery/plugins/a-severity；新建：forecourt new severity NAME。
---Severity rules: when an unhappy customer is a serious case. settings.complaint.severity in site.lua says which set decides. Example:
---examples/gallery/plugins/a-severity; to begin one: forecourt new severity NAME.

---@class complaint.Facts
---严重程度规则可以用的事实。
---The facts severity rules may use.
---@field text host.Fact  # 客户的问题原话 / What the customer complains about, in his words (text)
---@field lowest_score host.Fact  # 本次问卷中最低的一项评分（1-10） / The lowest rating of this questionnaire (1-10) (number)
---@field asked_manager host.Fact  # 客户要求找经理或领导 / The customer asks for a manager (bool)
---@field same_matter_count host.Fact  # 同一辆车、同类问题、期限内第几次（含本次）；没有选问题类别时未知 / How often this car had a like problem within the limit, this one included; unknown without topics (number)
---@field department host.Fact  # 责任部门（service 为售后） / The department concerned (service is after-sales) (text)
---@field topics host.Fact  # 问题类别 / Topics of the problem (list)
---@field source host.Fact  # 来源，例如 phone-service / Where it was heard, e.g. phone-service (text)
---@field survey_serious host.Fact  # 问卷自身判为严重 / The questionnaire itself calls it serious (bool)
---@field wanted host.Fact  # 专员选择的处理方式（faq、minor、serious） / What the specialist chose (faq, minor, serious) (text)
local Facts = {}

---@class complaint.define                       # require "complaint.define"
---严重程度规则的构造器；级别由轻到重是 faq、minor、serious。
---Constructors of severity rules; the levels are faq, minor, serious, from harmless to grave.
local s = {}
---规则可以用的事实：local c = s.facts "complaint"
---The facts rules may use: local c = s.facts "complaint"
---@return complaint.Facts
function s.facts(subject) end
---一条规则：s.rule "safety" { when = 条件, level = "serious", because = Text }
---A rule: s.rule "safety" { when = condition, level = "serious", because = Text }
function s.rule(id) end
---没有规则成立时的级别。
---The level where no rule is true.
function s.otherwise(spec) end
---每次加载都检查的例子：s.example { { text = "..." }, level = "serious", rule = "safety" }
---An example, checked at each load: s.example { { text = "..." }, level = "serious", rule = "safety" }
function s.example(spec) end
---一套规则：成立的规则里最重的级别算数。
---A set: the worst level of all rules that are true counts.
function s.severity(id) end
---引擎的检查，由宿主调用。
---The engine's check; the host calls it.
function s.check(definitions) end
return s
