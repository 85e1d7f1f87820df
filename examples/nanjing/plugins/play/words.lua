-- What the example's customers, advisors and the director say. No real person ever said any of it. A story is chosen by the order's number
-- (or by name, in a step of make-days.lua), so that the call, the reply and the second call speak of the same thing.

local M = {}

-- Solved on the phone: a question more than a complaint.
M.faq = {
  { low = { parts = 5 }, reason = "空滤比网上贵一半", problem = "客户觉得空气滤芯偏贵；已解释是原厂件、带质保，并说明更换周期，客户接受" },
  { low = { clear = 5 }, reason = "不清楚下次什么时候来", problem = "客户不清楚下次保养的里程；已说明 5000 公里或半年，并约好到期提醒" },
  { low = { duration = 5 }, slow = { "queue" }, reason = "周末人多", problem = "客户嫌周末等工位太久；已介绍预约时段，客户下次预约平日上午来" },
}

-- Minor: the advisor replies, the specialist asks again.
M.minor = {
  { low = { handover = 4 }, reason = "车没洗干净，脚垫是湿的", problem = "交车时车没洗干净，脚垫还是湿的",
    reply = "已致电道歉，请客户方便时来店免费精洗，客户说周末过来。", again = "客户说还没空过来，语气还好" },
  { low = { waiting = 5, duration = 4 }, slow = { "parts" }, reason = "等配件等了一个多小时", problem = "等配件等了一个多小时，中间没有人来说明",
    reply = "当天配件调拨晚到。已向客户说明并道歉，以后超过半小时由我主动告知进度。", again = "客户觉得只是口头道歉" },
  { low = { clear = 4 }, reason = "多了一项燃油清洗", problem = "结算单上多了一项燃油清洗，事先没有讲清楚",
    reply = "该项在保养套餐内，没有多收费。已电话解释并补发明细，客户认可。", again = "客户要求把明细发给他本人" },
  { low = { diagnosis = 5 }, solved = "空调吹出来还有点霉味", problem = "空调异味还在，开一会儿才散",
    reply = "已约客户周六上午回店检查蒸发箱，免费处理。", again = "周六来过一次，味道淡了但还有" },
  { low = { env_rest = 4 }, reason = "太吵，饮水机没水", problem = "休息区太吵，饮水机没有水，孩子没地方坐",
    reply = "已转告前台，每两小时巡查休息区；已向客户致歉。", again = "客户没再提新的问题，但说要看下次" },
  { low = { labour = 5, parts = 5 }, reason = "比外面贵不少", problem = "觉得工时费和配件都比外面贵不少",
    reply = "已解释工时标准和质保，并说明会员日工时八折，客户表示理解。", again = "客户仍觉得贵" },
  { low = { attitude = 5 }, received = "no", reason = "等了十来分钟没人理", problem = "到店后等了十来分钟没有人接待",
    reply = "当时两位顾问都在交车。已道歉，高峰时段增加一位引导。", again = "客户说要看下次来是不是还这样" },
}

-- Serious: a tracking form. `low` begins with what only this story has.
M.serious = {
  noise = { low = { diagnosis = 2, technician = 5 }, solved = "低速踩刹车还是有异响", manager = "yes", reason = "来过两次都没找到原因",
    problem = "换过刹车片后低速还是有异响，来过两次都没解决，客户要求给个说法",
    cause = "前制动片与盘面配合不良，前两次只做了清洁，没有四轮分别试车", action = "更换前制动片并打磨盘面，与客户一起路试确认；赠送一次基础保养",
    again = "响声小了，但下雨天第一脚还响，客户要求再查",
    more = "技术主管复检：后制动盘有锈迹，已处理", more_done = "打磨后盘并再次路试，客户在场确认" },
  scratch = { low = { handover = 2, attitude = 5 }, manager = "yes", reason = "门上多了一道划痕",
    problem = "交车时发现右前门多了一道划痕，现场没有人承认", cause = "移车时没有做环车检查记录，责任认定不清",
    action = "免费修复车门漆面，修复期间提供代步车；车间重新落实环车检查签字", again = "漆面修好了，颜色在阳光下有一点差",
    more = "补漆时没有对色板", more_done = "送合作钣喷中心重新喷涂，约好周四取车" },
  lamp = { low = { expertise = 2, diagnosis = 4 }, solved = "开了两天故障灯又亮", reason = "同一个灯修了又亮",
    problem = "发动机故障灯修完两天又亮，客户担心上不了高速", cause = "只清除了故障码，没有检查氧传感器线束",
    action = "更换氧传感器及插头，跟踪一周读码正常；由技术主管负责到底", again = "灯没再亮，但油耗高了，客户要再看",
    more = "节气门没有重新学习", more_done = "做了匹配和路试，油耗恢复正常" },
  bill = { low = { clear = 2, labour = 4 }, manager = "yes", reason = "报价八百多，结账一千三",
    problem = "报价八百多，结账一千三，增加的项目没有提前说，客户要求退差价", cause = "增项没有让客户确认签字",
    action = "退还未确认的增项 460.00 元，服务顾问当面道歉", again = "钱还没有到账",
    more = "财务退款流程压了两天", more_done = "已到账，并短信告知客户" },
  late = { low = { duration = 2, start = 4 }, slow = { "parts", "rework" }, reason = "说好两天拖了六天",
    problem = "说好两天修好，拖了六天，期间没有人主动联系", cause = "配件订错型号，顾问休假没有交接",
    action = "补偿一次免费保养；事故车改为每天由顾问通报进度", again = "保养券没有收到",
    more = "保养券系统没有发放成功", more_done = "已重新发放，客户在手机上看到了" },
  cold = { low = { handover = 4, diagnosis = 2 }, solved = "空调还是不凉，来过两次", manager = "yes", reason = "加过一次氟又不凉了",
    problem = "空调加氟后三天又不凉，来过两次，客户要求说清楚到底哪里漏", cause = "只补加冷媒，没有查漏，高压管接头有渗漏",
    action = "更换高压管并保压检测，退还第一次加氟费用", again = "凉是凉了，怠速时声音大",
    more = "压缩机皮带偏松", more_done = "调整皮带张紧度，客户现场确认" },
  parts = { low = { waiting = 2, duration = 5 }, slow = { "parts" }, reason = "等了一整天也没人说一声",
    problem = "约好上午做完，等到下午四点才说配件没到，白等一天", cause = "预约时没有核对库存，配件当天没有调拨",
    action = "配件到店后上门取送车，免当次工时费；预约单增加库存核对一项", again = "取车时间又改了一次",
    more = "取送车司机排班没有通知到", more_done = "客服专员与司机双重确认，已按约定时间送到" },
  talk = { low = { attitude = 2, expertise = 5 }, manager = "yes", reason = "说话不耐烦",
    problem = "问了两句价格，接待人员不耐烦，让客户自己去看价目表", cause = "接待高峰情绪管理不到位，录音核实属实",
    action = "当事人向客户道歉并停岗培训一天，改由服务经理接待", again = "道歉电话是别人代打的",
    more = "当事人当天调休，由同事代为道歉", more_done = "本人已当面道歉，客户接受" },
  refund = { low = { parts = 2, clear = 5 }, reason = "要求全额退款", problem = "换下的旧件没有让客户看，客户认为没必要换，要求全额退款",
    cause = "更换前没有向客户展示磨损，旧件当天已回收", action = "找回旧件照片和检测单，向客户解释；愿意减免工时费",
    again = "客户不接受减免工时费，坚持全额退款", more = "检测单显示磨损已到极限，更换合理",
    more_done = "请厂家技术代表出具说明，减免工时费并赠送保养一次" },
}
M.serious_names = { "cold", "late", "talk", "lamp", "parts", "noise", "bill", "scratch" } -- refund is only told by name: nobody satisfies that customer

M.sign_note = "三轮沟通，客户坚持全额退款，超出政策；厂家技术代表的说明已交客户。转总经理专项跟进，本单结案。"
M.pleased = { "已经好了，谢谢", "师傅跟我一起试的车，没问题了", "处理得还可以", "这次态度不错" }

-- Words beside a good sheet, and notes beside a result.
M.remarks = { "挺好的，李工很负责", "希望休息区多几个充电口", "周末能早点开门就好了", "没什么，都挺好", "等的时候有人来说进度，这点好", "配件要是能便宜点就更好了",
  "保养提醒很及时", "洗车再仔细一点" }
M.refused = { "说在开会，以后也不用打", "不愿意接受回访", "说上次已经问过了", "听到是回访就挂了" }
M.later = { "在开车", "在上班，下班后方便", "在外地，让明天打", "孩子在睡觉" }
M.fixed = { number = "客户换号了，已问到新号码", same = "号码没错，当时在国外出差", none = "工单上就这一个号码，联系不上客户" }

return M
