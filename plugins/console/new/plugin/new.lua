return { zh = "完整的插件：页面、自己的数据表、设置、导出函数", en = "a whole plugin: a page, a table of its own, a setting, exports" }
