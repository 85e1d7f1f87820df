-- Example data, shared by the tests.
return { "张先生 10 点来取车", "三号工位的灯坏了", "下午 4 点前回电" }
