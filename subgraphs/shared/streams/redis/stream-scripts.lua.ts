// cspell:words hget hmget hset hdel ipairs pcall pexpire tonumber xadd zadd zrangebyscore zrem

/**
 * All of them: KEYS are a stream's head (a hash), its log (a Redis stream) and the heads of all streams that are not settled (a
 * sorted set, by when somebody is to look after them); times are ms on Redis' own clock. Entries have the ids `<seq>-0`, from 1
 * without a gap, and the end comes as the last of them; each is also published on a channel that is named as the log, which may
 * fail (readers then look at the log now and then). The head has
 * `claim`: of the one writer; `about`: what the stream is; `seq`: of the last chunk; `end`: the outcome, once there is one;
 * `stop`: somebody asked for it; `alive`: until when the writer's last sign of life holds; `suspect`: since when that has been
 * over; `seen`: when somebody last read.
 */
const PRELUDE = `
local head, log, unsettled = KEYS[1], KEYS[2], KEYS[3]
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)

local function expire(ms)
  redis.call('PEXPIRE', head, ms)
  redis.call('PEXPIRE', log, ms)
end

local function add(seq, field, value)
  redis.call('XADD', log, string.format('%d-0', seq), field, value)
  redis.pcall('PUBLISH', log, string.format('%d %s ', seq, field) .. value)
end

local function settle(keepMs)
  redis.call('ZREM', unsettled, head)
  expire(keepMs)
end

local function finish(outcome, seq, keepMs)
  add(seq + 1, 'end', outcome)
  redis.call('HSET', head, 'end', outcome)
  if outcome ~= 'lost' then settle(keepMs) end
end

local function live(ms, runMs)
  redis.call('HSET', head, 'alive', now + ms)
  redis.call('HDEL', head, 'suspect')
  redis.call('ZADD', unsettled, now + ms, head)
  redis.call('PEXPIRE', unsettled, runMs)
  expire(runMs)
end
`;

/** ARGV: claim, about, heartbeat, how long to keep a stream that nobody looks after. 1: opened, now or by this same claim before. */
const OPEN = `${PRELUDE}
local claim = redis.call('HGET', head, 'claim')
if claim then return claim == ARGV[1] and 1 or 0 end
redis.call('DEL', log)
redis.call('HSET', head, 'claim', ARGV[1], 'about', ARGV[2], 'seq', 0, 'seen', now)
live(ARGV[3], ARGV[4])
return 1
`;

/**
 * ARGV: claim, heartbeat, run time, time to keep, number of the first chunk, then field and value of each.
 * Adds those that are not there yet, so that it may be sent again when its answer was lost. -1: the stream has ended for this
 * writer; 1: somebody asked to stop. A gap means that Redis has lost what it had taken, as a failover may.
 */
const APPEND = `${PRELUDE}
local claim, ended, seq, stop = unpack(redis.call('HMGET', head, 'claim', 'end', 'seq', 'stop'))
if claim ~= ARGV[1] or ended then return -1 end
seq = tonumber(seq)
local first = tonumber(ARGV[5])
if first > seq + 1 then
  finish('lost', seq, ARGV[4])
  return -1
end
for i = 6, #ARGV, 2 do
  local number = first + (i - 6) / 2
  if number > seq then
    add(number, ARGV[i], ARGV[i + 1])
    seq = number
  end
end
redis.call('HSET', head, 'seq', seq)
live(ARGV[2], ARGV[3])
return stop and 1 or 0
`;

/** ARGV: claim, outcome, number of the last chunk, time to keep. Does nothing to a stream that has ended. */
const END = `${PRELUDE}
local claim, ended, seq = unpack(redis.call('HMGET', head, 'claim', 'end', 'seq'))
if claim ~= ARGV[1] or ended then return 0 end
finish(seq == ARGV[3] and ARGV[2] or 'lost', tonumber(seq), ARGV[4])
return 1
`;

/** ARGV: claim, heartbeat, run time. Returns -1 (ended), 1 (somebody asked to stop) or 0, and for how long nobody has read. */
const BEAT = `${PRELUDE}
local claim, ended, stop, seen = unpack(redis.call('HMGET', head, 'claim', 'end', 'stop', 'seen'))
if claim ~= ARGV[1] or ended then return { -1, 0 } end
live(ARGV[2], ARGV[3])
return { stop and 1 or 0, now - tonumber(seen) }
`;

/**
 * Looks after a stream. ARGV: grace, 1 for somebody who reads. Returns the number of the last chunk and the outcome, if any;
 * nothing for a stream that there is not.
 *
 * A writer without a sign of life is suspected first and lost after the grace, unless it came back: after an outage of Redis
 * itself readers may be here before it. Whoever finds it lost says so in the log, for all readers and for the writer.
 */
const ATTEND = `${PRELUDE}
local seq, ended, alive, suspect = unpack(redis.call('HMGET', head, 'seq', 'end', 'alive', 'suspect'))
if not seq then return {} end
if ARGV[2] == '1' then redis.call('HSET', head, 'seen', now) end
if not ended and tonumber(alive) < now then
  if not suspect then
    redis.call('HSET', head, 'suspect', now)
  elseif now - tonumber(suspect) >= tonumber(ARGV[1]) then
    ended = 'lost'
    finish(ended, tonumber(seq))
  end
end
return { tonumber(seq), ended or '' }
`;

/** 1 when the writer will find it. */
const STOP = `${PRELUDE}
local claim, ended = unpack(redis.call('HMGET', head, 'claim', 'end'))
if not claim or ended then return 0 end
redis.call('HSET', head, 'stop', 1)
return 1
`;

/**
 * ARGV: grace, how many at most. The heads of streams that somebody is to look after, for one asker; another gets them after the
 * grace, unless they are settled by then.
 */
const OVERDUE = `${PRELUDE}
local heads = redis.call('ZRANGEBYSCORE', unsettled, '-inf', now, 'LIMIT', 0, ARGV[2])
for _, overdue in ipairs(heads) do redis.call('ZADD', unsettled, now + ARGV[1], overdue) end
return heads
`;

/** ARGV: time to keep. */
const SETTLE = `${PRELUDE}
settle(ARGV[1])
`;

export const STREAM_SCRIPTS = {
  streamOpen: OPEN,
  streamAppend: APPEND,
  streamEnd: END,
  streamBeat: BEAT,
  streamAttend: ATTEND,
  streamStop: STOP,
  streamOverdue: OVERDUE,
  streamSettle: SETTLE,
} as const;
