-- What a run makes in an example site is nobody's to commit: its backups hold customers, and keys.
local made = { "data/x.db", "secrets/master.key", "import/orders.csv", "backups/x.fcb", "backups-keys/x-keys.fcb" }
local failed = 0
for _, file in ipairs(made) do
  local path = "examples/nanjing/" .. file
  if not os.execute("git check-ignore -q --no-index " .. path) then
    failed = failed + 1
    print("FAIL  git would take " .. path)
  end
end
print(("%d passed, %d failed"):format(#made - failed, failed))
os.exit(failed == 0)
