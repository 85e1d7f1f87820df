-- DENY a full collection at will
return rawget(_G, "collectgarbage") and "ESCAPED: collectgarbage" or "denied"
