-- One call of one process: what it has to tell, and how many slots it may take. The log itself is as in window.rs.
-- Times are in milliseconds of this server's clock, so that the clocks of the processes do not matter.

local meta, slots, flight, others = KEYS[1], KEYS[2], KEYS[3], KEYS[4]

local process, known_epoch, known_calls = ARGV[1], ARGV[2], tonumber(ARGV[3])
local hold, margin, keep, ttl = tonumber(ARGV[4]), tonumber(ARGV[5]), tonumber(ARGV[6]), ARGV[7]
local requests, want = tonumber(ARGV[8]), tonumber(ARGV[9])
local in_flight, answered, ended = tonumber(ARGV[10]), tonumber(ARGV[11]), tonumber(ARGV[12])
local told_limit, throttled, pause = tonumber(ARGV[13]), ARGV[14] == '1', tonumber(ARGV[15])
local shared_alone = ARGV[16] == '1'
local FIRST_SEEN = 17

local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
-- Lua would write a large number with an exponent.
local function int(number) return string.format('%.0f', number) end
local function read(field) return tonumber(redis.call('HGET', meta, field) or 0) end

-- An epoch ends when the log is lost, or is an older one than a process has seen: a snapshot, or a replica.
local epoch = redis.call('HGET', meta, 'epoch')
if epoch and epoch == known_epoch and read('calls') < known_calls then
    redis.call('DEL', meta, slots, flight, others)
    epoch = false
end
if not epoch then
    epoch = int(now) .. '-' .. process
    redis.call('HSET', meta, 'epoch', epoch, 'born', int(now))
end
local calls = redis.call('HINCRBY', meta, 'calls', 1)

local paused = read('paused')
if known_epoch ~= '' and known_epoch ~= epoch then
    -- Whoever held a slot in an older epoch held it before this one began.
    paused = math.max(paused, read('born') + hold + margin)
end
if shared_alone then
    -- Others may have used their shares as well, up to now.
    paused = math.max(paused, now + hold + margin)
end

-- What came free, by time or by the end of a process that nobody has heard of for long.
local released = read('released') + redis.call('ZREMRANGEBYSCORE', slots, '-inf', int(now))
local flying = in_flight
local processes = redis.call('HGETALL', flight)
for i = 1, #processes, 2 do
    local count, expires = string.match(processes[i + 1], '^(%d+) (%d+)$')
    if tonumber(expires) <= now then
        redis.call('HDEL', flight, processes[i])
        released = released + count
    elseif processes[i] ~= process then
        flying = flying + count
    end
end

-- What this process tells: its slots come free later, counted from the end of this millisecond.
local number = read('number')
local function release(count, at)
    for _ = 1, count do
        number = number + 1
        redis.call('ZADD', slots, int(at), int(number))
    end
end
release(answered, now + 1 + hold)
release(ended, now + 1 + hold + margin)
local held = redis.call('ZCARD', slots) + flying

local limit = told_limit
if limit < 0 then limit = tonumber(redis.call('HGET', meta, 'limit') or requests) end
limit = math.max(limit, 1)

local room = read('room')
for i = FIRST_SEEN, #ARGV, 2 do
    local used, released_before = math.min(tonumber(ARGV[i]), limit), tonumber(ARGV[i + 1])
    local theirs = used - (held + released - released_before)
    if theirs > 0 then redis.call('ZADD', others, int(now + 1 + hold), int(theirs)) end
    room = math.max(limit - used - flying, 0)
end
if throttled then
    paused = math.max(paused, now + pause)
    room = math.max(room, 1)
end

redis.call('ZREMRANGEBYSCORE', others, '-inf', int(now))
local theirs = 0
for _, count in ipairs(redis.call('ZRANGE', others, 0, -1)) do
    theirs = math.max(theirs, tonumber(count))
end
local function capacity(count) return math.min(limit - count, requests) end

-- What it gets.
local granted = 0
while granted < want and paused <= now do
    local free = held + granted < capacity(theirs)
    local asked = room > 0 and flying + granted == 0 and held < capacity(0)
    if not (free or asked) then break end
    granted = granted + 1
    room = math.max(room - 1, 0)
end

-- When to ask again: not before this, unless somebody gives back a slot that was not used.
local wait = 0
if granted < want then
    wait = paused - now
    local must_go = held + granted + 1 - capacity(room > 0 and 0 or theirs)
    if must_go > 0 then
        local next_slot = redis.call('ZRANGE', slots, must_go - 1, must_go - 1, 'WITHSCORES')
        local free = next_slot[2] and tonumber(next_slot[2]) or now + hold
        local next_other = redis.call('ZRANGE', others, 0, 0, 'WITHSCORES')
        if room == 0 and next_other[2] then free = math.min(free, tonumber(next_other[2])) end
        wait = math.max(wait, free - now)
    end
end

redis.call('HSET', flight, process, int(in_flight + granted) .. ' ' .. int(now + keep))
redis.call('HSET', meta, 'paused', int(paused), 'released', int(released), 'number', int(number),
    'room', int(room), 'limit', int(limit))
for _, key in ipairs(KEYS) do redis.call('PEXPIRE', key, ttl) end

return { epoch, calls, granted, wait, released, held + granted }
