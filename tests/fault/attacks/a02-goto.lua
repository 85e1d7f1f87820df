-- KILL a loop without any loop word
::again::
goto again
