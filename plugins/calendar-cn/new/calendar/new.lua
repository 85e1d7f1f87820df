return { zh = "一年的节假日和调休", en = "the holidays and make-up days of a year" }
