-- KILL an iterator that never says it is done
for _ in function() return 1 end do end
