return { zh = "经销商系统的列名和字典编号", en = "a dealer system's column names and dictionary numbers" }
