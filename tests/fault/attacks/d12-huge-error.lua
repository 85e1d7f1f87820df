-- BOUND an error of megabytes, with control characters
error(("\27[31m\n\0"):rep(1000000))
