---@meta survey.define

---point "questionnaires": 问卷。questionnaires/NAME.lua 返回 q.questionnaire 的定义。例子：examples/gallery/plugins/a-questionnaire；新建：forecourt new questionnaire NAME。
---Questionnaires. questionnaires/NAME.lua returns a definition of q.questionnaire. Example: examples/gallery/plugins/a-questionnaire; to begin one:
---forecourt new questionnaire NAME.

---@class survey.define                          # require "survey.define"
---问卷由什么组成。题目的句柄就是事实，条件写在上面：clean:le(6)、told:is "no"。
---What a questionnaire is made of. A question's handle is a fact on which conditions are written: clean:le(6), told:is "no".
local q = {}
---1 到 10 分的题：q.rate "clean" { zh =, en =, weight?, ask_reason_below?, show_if?, hint? }
---A rating from 1 to 10: q.rate "clean" { zh =, en =, weight?, ask_reason_below?, show_if?, hint? }
---@return fun(spec:table):host.Fact
function q.rate(id) end
---是、否、不确定的题；bad 是不好的回答。
---Yes, no, not sure; bad is the answer that is not well.
---@return fun(spec:table):host.Fact
function q.yesno(id) end
---单选题：options = { { "wait", zh =, en = }, ... }
---One of several: options = { { "wait", zh =, en = }, ... }
---@return fun(spec:table):host.Fact
function q.choice(id) end
---多选题。
---Several of several.
---@return fun(spec:table):host.Fact
function q.multi(id) end
---自由文字。
---Free text.
---@return fun(spec:table):host.Fact
function q.text(id) end
---一组题目：q.section "handover" { title =, weight?, script?, show_if?, 题目... }
---Questions that belong together: q.section "handover" { title =, weight?, script?, show_if?, questions... }
function q.section(id) end
---什么样的回答算不满意，什么样的算严重：q.unhappy { when = 条件, serious = 条件? }
---Which answers make a customer unhappy, which are serious: q.unhappy { when = condition, serious = condition? }
function q.unhappy(spec) end
---每次加载都检查的例子：q.example { answers = {...}, unhappy?, serious?, score?, shown?, hidden? }
---An example, checked at each load: q.example { answers = {...}, unhappy?, serious?, score?, shown?, hidden? }
function q.example(spec) end
---整份问卷：q.questionnaire "id" { version, about = "visit", via = "phone", title, intro?, consent?, closing?, branches?, 分组..., unhappy, 例子... }
---The whole: q.questionnaire "id" { version, about = "visit", via = "phone", title, intro?, consent?, closing?, branches?, sections..., unhappy, examples... }
function q.questionnaire(id) end
---引擎的检查，由宿主调用。
---The engine's check; the host calls it.
function q.check(definitions) end
return q
