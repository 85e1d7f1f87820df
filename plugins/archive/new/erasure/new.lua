return { zh = "自己的数据表，以及删除客户时要清空的内容", en = "a table of its own, and what is emptied when a customer is erased" }
