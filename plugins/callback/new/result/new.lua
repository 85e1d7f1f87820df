return { zh = "一种通话结果（通话窗口里的一个按钮）", en = "a call result (a button of the call window)" }
