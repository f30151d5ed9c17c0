/**
 * All operations of the store in one script, which Redis executes atomically and on its own clock.
 *
 * One hash contains everything about one gate, so that it is in one slot of a cluster, and is evicted or lost as a whole. Its fields:
 * `f` the highest fence that was granted or reported; `c` the highest committed fence; `e` when the latest claim ended, or when its lease
 * ends; `b` when the claim before it ended; `l` the lease of the latest claim, 0 once the claim has ended; `t:...` the tokens.
 *
 * Redis only has a wall clock. When a claim or a token ends later than its lease or lifetime allows, the clock was set back: then the
 * claim counts from now, and the token does not count.
 */
export const gateScript = `
local key, op, token = KEYS[1], ARGV[1], 't:' .. ARGV[2]
local longAgo, day, longestClaim, slack = -1e15, 86400000, 3660000, 1
local time = redis.call('TIME')
local now = time[1] * 1000 + time[2] / 1000

local function format(number, digits) return string.format('%.' .. digits .. 'f', number) end

local raw = redis.pcall('HMGET', key, 'f', 'c', 'e', 'b', 'l')
local isForeign = raw.err ~= nil
if isForeign and not string.find(raw.err, 'WRONGTYPE', 1, true) then return raw end
local f, c, e, b, l = tonumber(raw[1] or ''), tonumber(raw[2] or ''), tonumber(raw[3] or ''), tonumber(raw[4] or ''), tonumber(raw[5] or '')
local isKnown = f and c and e and b and l
if not isKnown then f, c, e, b, l = 0, 0, longAgo, longAgo, 0 end
local wasSetBack = e - now > l + slack
if wasSetBack then e = now + l end
-- No claim is longer than an hour and some slack: the record is damaged. Only the fences are kept.
if e - now > longestClaim then e, b, l = longAgo, longAgo, 0 end

local function parse(value)
  local endsAt, lifetime, fence, ciphertext = string.match(value or '', '^(%S+) (%S+) (%S+) (.*)$')
  endsAt, lifetime, fence = tonumber(endsAt or ''), tonumber(lifetime or ''), tonumber(fence or '')
  if not (endsAt and lifetime and fence) or endsAt <= now or endsAt - now > lifetime + slack then return nil end
  return { fence = fence, remaining = endsAt - now, ciphertext = ciphertext }
end

local function find()
  return isKnown and parse(redis.call('HGET', key, token))
end

local function save(keepMs)
  -- Before all other writes: when Redis is full, it refuses a script at its first write only.
  if isForeign then redis.call('DEL', key) end
  redis.call('HSET', key, 'f', format(f, 0), 'c', format(c, 0), 'e', format(e, 3), 'b', format(b, 3), 'l', format(l, 3))
  redis.call('PEXPIRE', key, format(math.max(day + l, keepMs or 0, redis.call('PTTL', key)), 0))
end

local function endClaim(fence)
  if fence >= f then f, e, l = fence, now, 0 end
end

local function found(it)
  return { 'found', format(it.fence, 0), format(it.remaining, 3), it.ciphertext }
end

if op == 'read' then
  local it = find()
  return it and found(it) or { 'none' }
end

if op == 'claim' then
  local minInterval, lease, known, minRemaining = tonumber(ARGV[3]), tonumber(ARGV[4]), tonumber(ARGV[5]), tonumber(ARGV[6])
  local it = find()
  if it and it.fence > known and it.remaining > minRemaining then return found(it) end
  local isHeld = now < e
  local wait = e - now + (isHeld and 0 or minInterval)
  if wait > 0 then
    if wasSetBack then save() end
    return { 'wait', format(wait, 3), isHeld and 'held' or 'closed' }
  end
  f, b, e, l = math.max(f + 1, known + 1, math.floor(now)), e, now + lease, lease
  save()
  return { 'granted', format(f, 0) }
end

local fence = tonumber(ARGV[3])

if op == 'commit' then
  local remaining, ciphertext = tonumber(ARGV[4]), ARGV[5]
  if fence < c then return { 'done' } end
  c = fence
  endClaim(fence)
  save(remaining)
  local all = redis.call('HGETALL', key)
  for at = 1, #all, 2 do
    if string.sub(all[at], 1, 2) == 't:' and not parse(all[at + 1]) then redis.call('HDEL', key, all[at]) end
  end
  redis.call('HSET', key, token, format(now + remaining, 3) .. ' ' .. format(remaining, 3) .. ' ' .. format(fence, 0) .. ' ' .. ciphertext)
  return { 'done' }
end

if op == 'release' then
  if ARGV[4] == 'sent' then
    if fence >= f then
      endClaim(fence)
      save()
    end
  elseif fence == f and now < e then
    e, l = b, 0
    save()
  end
  return { 'done' }
end

-- An expired token, too: it would come back when the clock is set back.
local stored = isKnown and redis.call('HGET', key, token)
if stored and tonumber(string.match(stored, '^%S+ %S+ (%S+) ') or '') == fence then redis.call('HDEL', key, token) end
return { 'done' }
`;
