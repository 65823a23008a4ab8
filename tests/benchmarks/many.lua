-- Asks for one of many addresses, in random order: a file with an address a line, perhaps with a validator after a blank.
local requests = {}
local threads = 0

function setup(thread)
  thread:set("number", threads)
  threads = threads + 1
end

function init(args)
  for line in io.lines(args[1]) do
    local path, tag = line:match("^(%S+) ?(.*)$")
    local headers = {}
    if tag ~= "" then headers["If-None-Match"] = tag end
    requests[#requests + 1] = wrk.format("GET", path, headers)
  end
  math.randomseed(number + 1)
end

function request()
  return requests[math.random(#requests)]
end
