return { zh = "一个页面，带菜单项", en = "a page with its entry in the menu" }
