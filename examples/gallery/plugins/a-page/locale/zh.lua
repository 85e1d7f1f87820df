return { title = "已结算、还没取走的车", none = "没有等待取走的车。", days = "{n} 天" }
