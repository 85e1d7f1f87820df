-- KILL a replacement function that never returns
return (("x"):gsub("x", function() while true do end end))
