/**
 * The scripts that Redis runs atomically. Times come from Redis' clock, so that
 * the machines need not agree on theirs; fences are microseconds since the epoch,
 * so that they grow even after a key has expired.
 *
 * The hash of a user's tokens has
 *
 * - `tokens`, the text;
 * - `fence`, that of the owner that last stored new tokens, or deleted them;
 * - `began`, the fence of the login whose tokens they are;
 * - `issued`, the last granted fence, so that the next one is higher
 *   even on a Redis whose clock is slow;
 * - `refresh` and `login`, the owner of the last turn of that work that did not
 *   release it;
 * - `open`, the owner that may have new tokens: it had a turn to refresh
 *   and has not released it, though others may have tried for a turn since and
 *   given up.
 */

/**
 * How every script reads: another program, or a damaged disk, may have left
 * anything under a key. A key of another type holds no tokens and no lock, and is
 * deleted; what is no number that a script can count on is 0. Numbers that a
 * script is given are checked before it writes anything, for a script that fails
 * halfway is not undone.
 */
const PRELUDE = `
local function read(command, key, ...)
  local reply = redis.pcall(command, key, ...)
  if type(reply) ~= 'table' or not reply.err then return reply end
  if string.find(reply.err, 'WRONGTYPE', 1, true) then redis.call('DEL', key) end
  return redis.call(command, key, ...)
end
local function count(text)
  local number = tonumber(text or '0')
  if number and number >= 0 and number < 9007199254740000 then return number end
  return 0
end
local function bad(...)
  for _, text in ipairs({...}) do
    if not string.match(text, '^%d+$') or #text > 15 or tonumber(text) < 1 then return true end
  end
  return false
end
local BAD = redis.error_reply('ERR a time is not a whole number of milliseconds')
`;

/**
 * KEYS lock, tokens; ARGV owner, lease in ms, the work, life in ms of a hash
 * without tokens. Returns the fence and whether another owner may have new
 * tokens; nothing when it is held.
 */
export const ACQUIRE = PRELUDE + `
if bad(ARGV[2], ARGV[4]) then return BAD end
local holder = read('GET', KEYS[1])
if holder and holder ~= ARGV[1] then return false end
local time = redis.call('TIME')
local fence = time[1] * 1000000 + time[2]
local known = read('HMGET', KEYS[2], 'fence', 'issued', 'open')
local last = math.max(count(known[1]), count(known[2]))
if fence <= last then fence = last + 1 end
local text = string.format('%.0f', fence)
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
local empty = redis.call('EXISTS', KEYS[2]) == 0
redis.call('HSET', KEYS[2], 'issued', text, ARGV[3], ARGV[1])
if empty then redis.call('PEXPIRE', KEYS[2], ARGV[4]) end
local unclean = 0
if ARGV[3] == 'refresh' then
  if known[3] and known[3] ~= ARGV[1] then unclean = 1
  else redis.call('HSET', KEYS[2], 'open', ARGV[1]) end
end
return {text, unclean}
`;

/**
 * KEYS lock, tokens; ARGV owner, lease in ms, the work, whether the previous
 * owner has been waited for. Returns 1 when the lock is still the owner's, or had
 * no other owner since.
 */
export const RENEW = PRELUDE + `
if bad(ARGV[2]) then return BAD end
local holder = read('GET', KEYS[1])
local own = read('HGET', KEYS[2], ARGV[3]) == ARGV[1]
if holder ~= ARGV[1] and (holder or not own) then return 0 end
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
if own and ARGV[4] == '1' then redis.call('HSET', KEYS[2], 'open', ARGV[1]) end
return 1
`;

/** KEYS lock, tokens; ARGV owner, the work. */
export const RELEASE = PRELUDE + `
for _, field in ipairs({'open', ARGV[2]}) do
  if read('HGET', KEYS[2], field) == ARGV[1] then redis.call('HDEL', KEYS[2], field) end
end
if read('GET', KEYS[1]) ~= ARGV[1] then return 0 end
return redis.call('DEL', KEYS[1])
`;

/**
 * KEYS tokens, lock; ARGV text, life in ms, which tokens they are: 'login', 'new',
 * or 'old' with another journal; then, in a turn, fence, owner, the work and lease in ms.
 *
 * Returns 0 when a later holder has stored tokens already. Old tokens are
 * accepted only from the owner of the last turn that has stored no new ones in
 * it: a request may follow, so the lock is then the owner's for a whole lease.
 */
export const SAVE = PRELUDE + `
if bad(ARGV[2], ARGV[7]) then return BAD end
local last = count(read('HGET', KEYS[1], 'fence'))
local fence = tonumber(ARGV[4]) or last
if fence < last then return 0 end
if ARGV[3] == 'old' and ARGV[4] ~= '' then
  if fence == last or read('HGET', KEYS[1], ARGV[6]) ~= ARGV[5] then return 0 end
  local holder = read('GET', KEYS[2])
  if holder and holder ~= ARGV[5] then return 0 end
  redis.call('SET', KEYS[2], ARGV[5], 'PX', ARGV[7])
end
local text = string.format('%.0f', fence)
redis.call('HSET', KEYS[1], 'tokens', ARGV[1])
if ARGV[3] ~= 'old' then redis.call('HSET', KEYS[1], 'fence', text) end
if ARGV[3] == 'login' then redis.call('HSET', KEYS[1], 'began', text) end
redis.call('PEXPIRE', KEYS[1], ARGV[2])
return 1
`;

/**
 * KEYS tokens; ARGV fence or nothing, how long in ms the fence is kept, and how
 * long ago in ms it was asked for when Redis was away then. The fence stays
 * behind, so that a late owner does not restore the tokens of a user who has
 * logged out. Returns 0, and leaves the tokens, when they are of a later login
 * than this request.
 */
export const CLEAR = PRELUDE + `
if bad(ARGV[2]) or ARGV[3] ~= '' and bad(ARGV[3]) then return BAD end
local known = read('HMGET', KEYS[1], 'fence', 'issued', 'began')
local last = math.max(count(known[1]), count(known[2]))
local fence = tonumber(ARGV[1])
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
if ARGV[3] ~= '' and count(known[3]) > now - ARGV[3] * 1000 then return 0 end
if not fence or fence < last then fence = math.max(now, last + 1) end
redis.call('DEL', KEYS[1])
redis.call('HSET', KEYS[1], 'fence', string.format('%.0f', fence))
return redis.call('PEXPIRE', KEYS[1], ARGV[2])
`;
