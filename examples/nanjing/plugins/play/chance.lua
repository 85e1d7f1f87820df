-- Chance that is none: what happens to a customer is drawn from the number of his work order, so the same orders always give the same weeks.

local M = {}

-- 0..999, the same for the same words on every machine.
function M.draw(key, purpose)
  local h = 2166136261
  for i = 1, #purpose do h = ((h ~ purpose:byte(i)) * 16777619) & 0xFFFFFFFF end
  for i = 1, #key do h = ((h ~ key:byte(i)) * 16777619) & 0xFFFFFFFF end
  h = ((h ~ (h >> 15)) * 2246822519) & 0xFFFFFFFF
  h = ((h ~ (h >> 13)) * 3266489917) & 0xFFFFFFFF
  return (h ~ (h >> 16)) % 1000
end

function M.pick(list, key, purpose) return list[M.draw(key, purpose) % #list + 1] end

return M
