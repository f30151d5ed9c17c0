/**
 * All that the store does, as one script: Redis runs it in one step, on its own clock.
 *
 * One hash holds all about one gate, so that it lies in one slot of a cluster, and is evicted or lost in one piece: `f` the
 * highest fence that was granted or reported, `c` the highest committed, `e` when the latest claim ended or will end, `b`
 * when the one before it did, `l` for how long it was open at most, 0 when it was ended; `t:...` the tokens.
 *
 * Redis has but a wall clock. What ends later than it was ever meant to tells that the clock was set back: then a claim
 * counts from now, and a token not at all.
 */
export const gateScript = `
local key, op, token = KEYS[1], ARGV[1], 't:' .. ARGV[2]
local longAgo, day, slack = -1e15, 86400000, 1
local time = redis.call('TIME')
local now = time[1] * 1000 + time[2] / 1000

local function text(number, digits) return string.format('%.' .. digits .. 'f', number) end

local raw = redis.pcall('HMGET', key, 'f', 'c', 'e', 'b', 'l')
local isForeign = raw.err ~= nil
if isForeign and not string.find(raw.err, 'WRONGTYPE', 1, true) then return raw end
local f, c, e, b, l = tonumber(raw[1] or ''), tonumber(raw[2] or ''), tonumber(raw[3] or ''), tonumber(raw[4] or ''), tonumber(raw[5] or '')
local isKnown = f and c and e and b and l
if not isKnown then f, c, e, b, l = 0, 0, longAgo, longAgo, 0 end
local wasSetBack = e - now > l + slack
if wasSetBack then e = now + l end

local function parse(value)
  local endsAt, lifetime, fence, sealed = string.match(value or '', '^(%S+) (%S+) (%S+) (.*)$')
  endsAt, lifetime, fence = tonumber(endsAt or ''), tonumber(lifetime or ''), tonumber(fence or '')
  if not (endsAt and lifetime and fence) or endsAt <= now or endsAt - now > lifetime + slack then return nil end
  return { fence = fence, remaining = endsAt - now, sealed = sealed }
end

local function find()
  return isKnown and parse(redis.call('HGET', key, token))
end

local function save(keepMs)
  -- First of all: a Redis that is full refuses a script at its first write, and only there.
  if isForeign then redis.call('DEL', key) end
  redis.call('HSET', key, 'f', text(f, 0), 'c', text(c, 0), 'e', text(e, 3), 'b', text(b, 3), 'l', text(l, 3))
  redis.call('PEXPIRE', key, text(math.max(day + l, keepMs or 0, redis.call('PTTL', key)), 0))
end

local function settle(fence)
  if fence >= f then f, e, l = fence, now, 0 end
end

local function found(it)
  return { 'found', text(it.fence, 0), text(it.remaining, 3), it.sealed }
end

if op == 'read' then
  local it = find()
  return it and found(it) or { 'none' }
end

if op == 'claim' then
  local minInterval, lease, known, minRemaining = tonumber(ARGV[3]), tonumber(ARGV[4]), tonumber(ARGV[5]), tonumber(ARGV[6])
  local it = find()
  if it and it.fence ~= known and it.remaining > minRemaining then return found(it) end
  local isHeld = now < e
  local wait = e - now + (isHeld and 0 or minInterval)
  if wait > 0 then
    if wasSetBack then save() end
    return { 'wait', text(wait, 3), isHeld and 'held' or 'closed' }
  end
  f, b, e, l = math.max(f + 1, math.floor(now)), e, now + lease, lease
  save()
  return { 'granted', text(f, 0) }
end

local fence = tonumber(ARGV[3])

if op == 'commit' then
  local remaining, sealed = tonumber(ARGV[4]), ARGV[5]
  if fence < c then return { 'refused' } end
  c = fence
  settle(fence)
  save(remaining)
  local all = redis.call('HGETALL', key)
  for at = 1, #all, 2 do
    if string.sub(all[at], 1, 2) == 't:' and not parse(all[at + 1]) then redis.call('HDEL', key, all[at]) end
  end
  redis.call('HSET', key, token, text(now + remaining, 3) .. ' ' .. text(remaining, 3) .. ' ' .. text(fence, 0) .. ' ' .. sealed)
  return { 'accepted' }
end

if op == 'release' then
  if ARGV[4] == 'sent' then
    if fence >= f then
      settle(fence)
      save()
    end
  elseif fence == f and now < e then
    e, l = b, 0
    save()
  end
  return { 'done' }
end

local it = find()
if it and it.fence == fence then redis.call('HDEL', key, token) end
return { 'done' }
`;
