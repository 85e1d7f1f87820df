-- At the desk: who calls, what is answered, and a day with some calls due. `test` is the spec's own.
local db = require "host.db"
local survey = require "survey"
local calls = require "callback.calls"
local due = require "callback.due"
local window = require "callback.window"
local fixture = require "callback.tests.fixture"

return function(test)
  local M = {}

  M.GOOD = { env_tidy = 9, env_hours = 9, env_rest = 9, received = "yes", attitude = 9, expertise = 9, booked = "no", waiting = 9, handover = 9,
             followed = "yes", diagnosis = 9, solved = "yes", technician = 9, labour = 9, parts = 9, clear = 9, start = 9, duration = 9 }

  function M.li() test.as("li", { "specialist" }, "李娜") end
  function M.wang() test.as("wang", { "specialist" }, "王芳") end
  function M.zhao() test.as("zhao", { "supervisor" }, "赵主管") end

  function M.state(n) return fixture.task(n).state end

  -- Opens call n and answers; returns the task's id and the sheet's.
  function M.answered(n, answers)
    local task = window.open(fixture.task(n).id)
    for item, value in pairs(answers or {}) do survey.answer(task.sheet_id, item, value) end
    return task.id, task.sheet_id
  end

  function M.attempts(n) return db.one("SELECT COUNT(*) AS n FROM call_attempt WHERE task_id = ?", fixture.task(n).id).n end

  function M.begin(list)
    test.now("2026-11-21T09:00")
    fixture.staff(test)
    fixture.orders(list or { { 1 }, { 2 } })
    due.run "2026-11-21"
  end

  function M.fail_at(n, time)
    test.now(time)
    M.li()
    return calls.result(M.answered(n), { code = "NO_ANSWER", phone = fixture.phones(n)[1] })
  end

  return M
end
