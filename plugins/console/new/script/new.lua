return { zh = "一个操作脚本（命令行和工作台都能运行）", en = "an operator's script, for the command line and the console" }
