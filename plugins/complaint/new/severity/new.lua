return { zh = "严重程度规则：不满意到什么程度要开跟踪单", en = "severity rules: when an unhappy customer is a serious case" }
