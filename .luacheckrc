-- Plugins see what the sandbox gives them: assigning a global is an error there, so it is one here.
std = "lua54"
max_line_length = 170
codes = true
exclude_files = { "build", "**/node_modules", "tests/fault/attacks", "tests/fault/memory" } -- what attacks the sandbox breaks rules on purpose
files["**/tests/*_test.lua"] = { globals = { "describe", "it", "before_each", "test" }, read_globals = { "assert" } }
files["**/plugin.lua"] = { max_line_length = false }
files["**/locale/*.lua"] = { max_line_length = false }
files["**/api/*.d.lua"] = { ignore = { "111", "112", "113", "121", "122", "131", "142", "143", "211", "212", "213", "221", "241", "431", "631" } }
files["tests/spec/*.lua"] = { ignore = { "221" } }
files["tests/bench/**/*.lua"] = { globals = { "ngx", "wrk", "init", "request", "done" } } -- what the peers bring
