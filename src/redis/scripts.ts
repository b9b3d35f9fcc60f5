/**
 * What Redis does in one step. Times come from Redis' own clock, so that the
 * machines need not agree on theirs; fences are microseconds since the epoch, so
 * that they grow even after a key has expired.
 *
 * The hash of a user's tokens has `tokens`, the text; `fence`, that of whoever
 * stored it; `issued`, the last fence that was given out, so that the next one
 * is higher even on a Redis whose clock is behind; and `open`, who held the
 * refresh lock and has not given it back.
 */

/**
 * KEYS lock, tokens; ARGV owner, lease in ms, whether it is noted in `open`.
 * Gives the fence and whether the one before never gave the lock back; nothing when it is held.
 */
export const ACQUIRE = `
local holder = redis.call('GET', KEYS[1])
if holder and holder ~= ARGV[1] then return false end
local time = redis.call('TIME')
local fence = time[1] * 1000000 + time[2]
local known = redis.call('HMGET', KEYS[2], 'fence', 'issued', 'open')
local last = math.max(tonumber(known[1] or '0'), tonumber(known[2] or '0'))
if fence <= last then fence = last + 1 end
local text = string.format('%.0f', fence)
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
local unclean = 0
if redis.call('EXISTS', KEYS[2]) == 1 then
  redis.call('HSET', KEYS[2], 'issued', text)
  if ARGV[3] == '1' then
    if known[3] and known[3] ~= ARGV[1] then unclean = 1 end
    redis.call('HSET', KEYS[2], 'open', ARGV[1])
  end
end
return {text, unclean}
`;

/** KEYS lock; ARGV owner, lease in ms. Gives 1 when the lock is still the owner's. */
export const RENEW = `
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
return redis.call('PEXPIRE', KEYS[1], ARGV[2])
`;

/** KEYS lock, tokens; ARGV owner. */
export const RELEASE = `
if redis.call('HGET', KEYS[2], 'open') == ARGV[1] then redis.call('HDEL', KEYS[2], 'open') end
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
return redis.call('DEL', KEYS[1])
`;

/**
 * KEYS tokens; ARGV text, fence or nothing, whether the tokens are new, life in
 * ms or nothing. Gives 0 when a later holder has stored tokens already.
 */
export const SAVE = `
local last = tonumber(redis.call('HGET', KEYS[1], 'fence') or '0')
local fence = tonumber(ARGV[2]) or last
if fence < last then return 0 end
redis.call('HSET', KEYS[1], 'tokens', ARGV[1])
if ARGV[3] == '1' then redis.call('HSET', KEYS[1], 'fence', string.format('%.0f', fence)) end
if ARGV[4] == '' then redis.call('PERSIST', KEYS[1])
else redis.call('PEXPIRE', KEYS[1], ARGV[4]) end
return 1
`;

/**
 * KEYS tokens; ARGV fence or nothing, how long in ms the fence is kept. It
 * stays behind, so that whoever is late does not bring back the tokens of a user
 * who has logged out.
 */
export const CLEAR = `
local known = redis.call('HMGET', KEYS[1], 'fence', 'issued')
local last = math.max(tonumber(known[1] or '0'), tonumber(known[2] or '0'))
local fence = tonumber(ARGV[1])
if not fence or fence < last then
  local time = redis.call('TIME')
  fence = math.max(time[1] * 1000000 + time[2], last + 1)
end
redis.call('DEL', KEYS[1])
redis.call('HSET', KEYS[1], 'fence', string.format('%.0f', fence))
return redis.call('PEXPIRE', KEYS[1], ARGV[2])
`;
