return { show = "查看", title = "当天结算的工单", day = "日期", none = "这一天没有结算的工单。" }
