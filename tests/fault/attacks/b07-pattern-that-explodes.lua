-- KILL a pattern with an exponential number of ways
return (("a"):rep(64) .. "b"):find(("a*"):rep(30) .. "c")
