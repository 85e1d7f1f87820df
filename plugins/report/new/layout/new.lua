return { zh = "一份报表版式", en = "a report layout" }
