// cspell:words ipairs pexpire withscores usec zadd zcard zrange zremrangebyscore

/**
 * Decides all charges of one request at once. KEYS: one sorted set per budget, its scores the times of the accepted charges
 * in microseconds of Redis' own clock. ARGV: limit, window in ms and cost of each.
 * Returns numbers only: the wait in ms (0: accepted), then what remains and the ms until reset of each budget.
 *
 * Times are strictly later than the newest of their key, which makes members unique and holds when the clock is set back:
 * nothing is accepted twice then, and what was accepted counts until the clock has passed it by a window. Numbers are
 * written with %.0f because Lua's own conversion keeps 14 digits, and these have 16.
 */
export const SLIDING_LOG = `
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local charges, wait = {}, 0

local function score(key, index)
  local entry = redis.call('ZRANGE', key, index, index, 'WITHSCORES')
  return entry[2] and tonumber(entry[2])
end

local function leaves(at, window)
  return math.min(window, math.max(1, math.ceil((at + window * 1000 - now) / 1000)))
end

for i, key in ipairs(KEYS) do
  local charge = { key = key, limit = tonumber(ARGV[3 * i - 2]), window = tonumber(ARGV[3 * i - 1]), cost = tonumber(ARGV[3 * i]) }
  redis.call('ZREMRANGEBYSCORE', key, '-inf', string.format('%.0f', now - charge.window * 1000))
  charge.count = redis.call('ZCARD', key)
  local excess = charge.count + charge.cost - charge.limit
  if excess > charge.count then
    wait = math.max(wait, charge.window)
  elseif excess > 0 then
    wait = math.max(wait, leaves(score(key, excess - 1), charge.window))
  end
  charges[i] = charge
end

local reply = { wait }
for _, charge in ipairs(charges) do
  if wait == 0 then
    local newest = score(charge.key, -1)
    local at = string.format('%.0f', newest and math.max(now, newest + 1) or now)
    for n = 1, charge.cost do
      redis.call('ZADD', charge.key, at, at .. ':' .. n)
    end
    charge.count = charge.count + charge.cost
    -- A second longer than needed: a key must not expire before the last of its charges has left the window.
    redis.call('PEXPIRE', charge.key, charge.window + 1000)
  end
  reply[#reply + 1] = math.max(0, charge.limit - charge.count)
  reply[#reply + 1] = charge.count > 0 and leaves(score(charge.key, 0), charge.window) or 0
end
return reply
`;
