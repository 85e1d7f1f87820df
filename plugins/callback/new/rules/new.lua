return { zh = "不回访规则：哪些客户不打电话", en = "exclusion rules: which customers are not called" }
