-- BOUND a replacement that tries every way at every place
return (("a"):rep(300000)):gsub(".-b", "")
