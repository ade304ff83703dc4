-- One call of one process: it tells what it holds, by its own clock, and how many slots it wants. Here is the sum.
--
-- Nothing comes free by the clock of this server, which may be set, or be another one's after a failover: a process
-- tells what has come free, and of one that is silent the others tell. TIME only serves to guess when it is worth asking
-- again, and who still waits. Times are in milliseconds.

local meta, rows = KEYS[1], KEYS[2]

local process, number, known_number = ARGV[1], tonumber(ARGV[2]), tonumber(ARGV[3])
local known_epoch, known_calls, settled = ARGV[4], tonumber(ARGV[5]), ARGV[6] == '1'
local requests, hold, settling, ttl = tonumber(ARGV[7]), tonumber(ARGV[8]), tonumber(ARGV[9]), ARGV[10]
local want, flying, held = tonumber(ARGV[11]), tonumber(ARGV[12]), tonumber(ARGV[13])
local theirs, pause, due = tonumber(ARGV[14]), tonumber(ARGV[15]), tonumber(ARGV[16])
local released, told_limit, throttled = tonumber(ARGV[17]), tonumber(ARGV[18]), ARGV[19] == '1'
local silent = tonumber(ARGV[20])
local FIRST_SILENT = 21
local FIRST_SEEN = FIRST_SILENT + 2 * silent
-- Whoever waits asks every second.
local FORGOTTEN = 2500

local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
-- Lua would write a large number with an exponent.
local function int(value) return string.format('%.0f', value) end
local function read(field) return tonumber(redis.call('HGET', meta, field) or 0) end
local function row_of(id)
    local text = redis.call('HGET', rows, id)
    return text and cjson.decode(text)
end
-- What is left of a time that a row told: never more than it told, whatever became of the clock.
local function left(span, row) return math.min(span, span - (now - row.at)) end

local own = row_of(process)
local epoch = redis.call('HGET', meta, 'epoch')
if own and own.number > number then
    -- Given up by its process, which has told newer things since.
    return { epoch or '', 0, 0, 0, 0, 0, 0, 0, {} }
end

-- An epoch ends when the log is lost, or is an older one than a process has seen: a snapshot, or a replica.
local older = read('calls') < known_calls or (own and own.number < known_number)
if epoch and epoch == known_epoch and older then
    redis.call('DEL', meta, rows)
    epoch, own = false, false
end
if not epoch then
    epoch = process .. '-' .. int(number)
    redis.call('HSET', meta, 'epoch', epoch)
end
local calls = redis.call('HINCRBY', meta, 'calls', 1)
if epoch == known_epoch and settled then redis.call('HSET', meta, 'settled', 1) end
-- Whoever held a slot in an older epoch held it before this one began.
local stand_still = 0
if known_epoch ~= '' and known_epoch ~= epoch and read('settled') == 0 then
    stand_still = settling
    pause = math.max(pause, settling)
end

-- What has come free: here, and with those that are silent.
released = released + read('released')
for i = FIRST_SILENT, FIRST_SEEN - 1, 2 do
    local row = row_of(ARGV[i])
    if row and row.number == tonumber(ARGV[i + 1]) then
        redis.call('HDEL', rows, ARGV[i])
        released = released + row.held
    end
end

-- What the others hold.
local peers, peers_theirs, still, still_for = {}, 0, pause > 0, pause
local waiting, next_due = {}, nil
local all = redis.call('HGETALL', rows)
local function is_due(span)
    if not next_due or span < next_due then next_due = math.max(span, 0) end
end
local flying_here, held_here = flying, held
for i = 1, #all, 2 do
    local id, row = all[i], cjson.decode(all[i + 1])
    if id ~= process then
        flying, held = flying + row.flying, held + row.held
        peers_theirs = math.max(peers_theirs, row.theirs)
        local pause_left = math.max(left(row.pause, row), 0)
        still, still_for = still or row.pause > 0, math.max(still_for, pause_left)
        peers[#peers + 1] = { id, row.number, pause_left }
        local age = now - row.at
        if row.want > 0 and age >= 0 and age < FORGOTTEN then
            waiting[#waiting + 1] = { id = id, want = row.want, held = row.held, turn = row.turn }
        end
        -- One that is long overdue is silent.
        if row.due >= 0 and left(row.due, row) > -1000 then is_due(left(row.due, row)) end
    end
end

local limit = told_limit
if limit < 0 then limit = tonumber(redis.call('HGET', meta, 'limit') or requests) end
limit = math.max(limit, 1)

-- What strangers use.
local room, observed = read('room'), 0
if epoch == known_epoch then
    for i = FIRST_SEEN, #ARGV, 2 do
        local used, released_before = math.min(tonumber(ARGV[i]), limit), tonumber(ARGV[i + 1])
        observed = math.max(observed, used - (held + released - released_before))
        room = math.max(limit - used - flying, 0)
    end
end
if throttled then room = math.max(room, 1) end
theirs = math.max(theirs, observed)

-- How many of the free slots are for this process: those that hold least are served first, and among them whoever was
-- served longest ago.
local function share(free)
    local turn = own and own.turn or 0
    waiting[#waiting + 1] = { id = process, want = want, held = held_here, turn = turn }
    local function filled(row, level) return math.min(row.want, math.max(level - row.held, 0)) end
    local function taken(level)
        local sum = 0
        for _, row in ipairs(waiting) do sum = sum + filled(row, level) end
        return sum
    end
    -- The highest level to which the free slots fill all.
    local level, above = 0, 2 * requests + 1
    while above - level > 1 do
        local middle = math.floor((level + above) / 2)
        if taken(middle) <= free then level = middle else above = middle end
    end
    local mine, rest, before = math.min(want, math.max(level - held_here, 0)), free - taken(level), 0
    if mine == want or held_here > level then return mine end
    for _, row in ipairs(waiting) do
        local earlier = row.turn < turn or (row.turn == turn and row.id < process)
        if earlier and row.held <= level and filled(row, level) < row.want then before = before + 1 end
    end
    return before < rest and mine + 1 or mine
end

-- What it gets. If only the server's own word speaks for a request, they go one at a time.
local function capacity(count) return math.min(limit - count, requests) end
local free = capacity(math.max(theirs, peers_theirs)) - held
if free < 1 and room > 0 and flying == 0 and held < capacity(0) then free = 1 end
local granted = 0
if want > 0 and free > 0 and not still then
    granted = share(free)
    room = math.max(room - granted, 0)
end
flying_here, held_here = flying_here + granted, held_here + granted
if due < 0 and flying_here > 0 then due = hold end

-- When to ask again: hardly before this, unless somebody gives back a slot that was not used. Negative if unknown.
local wait = 0
if granted < want then
    if due >= 0 then is_due(due) end
    if still then
        wait = still_for
    elseif free - granted < 1 then
        wait = next_due or -1
    end
end

if held_here + theirs + pause + want - granted > 0 then
    redis.call('HSET', rows, process, cjson.encode({
        number = number, flying = flying_here, held = held_here, theirs = theirs, pause = pause, due = due,
        want = want - granted, turn = granted > 0 and calls or (own and own.turn or 0), at = now,
    }))
else
    redis.call('HDEL', rows, process)
end
redis.call('HSET', meta, 'released', int(released), 'room', int(room), 'limit', int(limit))
for _, key in ipairs(KEYS) do redis.call('PEXPIRE', key, ttl) end

return { epoch, calls, granted, wait, released, held + granted, stand_still, observed, peers }
