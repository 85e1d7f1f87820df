-- BOUND a source that is given piece by piece and never ends
load(function() return "x = 1 " end, "=x", "t", {})
return "bounded"
