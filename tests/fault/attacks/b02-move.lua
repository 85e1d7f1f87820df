-- BOUND moving a range as long as the numbers go
table.move({}, 1, math.maxinteger - 1, 2)
return "ESCAPED"
