-- What a file of a point folder returned -> an array of definitions of that point.
local define = require "host.define"

return function(result, point, chunk)
  local list = getmetatable(result) == define.Definition and { result } or result
  local function wrong()
    define.fail(chunk, "应返回一个定义（用构造器做的）或定义的列表", "should return a definition (made by a constructor) or a list of them")
  end
  if type(list) ~= "table" or #list == 0 then wrong() end
  for _, d in ipairs(list) do
    if getmetatable(d) ~= define.Definition then wrong() end
    if d.point ~= point then
      define.fail(d.at, "这是 " .. d.point .. " 的定义，却放在文件夹 " .. point .. " 里", "this defines something for " .. d.point .. " but stands in the folder " .. point)
    end
  end
  return list
end
