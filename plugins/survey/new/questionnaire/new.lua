return { zh = "一份问卷，带自查的例子", en = "a questionnaire with examples that check it" }
