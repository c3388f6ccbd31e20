//! The format of the database, and how an older one becomes today's.

/// What leads from each version of the format to the next; from nothing to version 1 first. An entry is never changed
/// once it was in use.
pub(super) const STEPS: [&str; 5] = [
    "
    -- Every change of a card: written before the first command goes out, closed when the card has been read again.
    CREATE TABLE journal (
        id       INTEGER PRIMARY KEY,
        started  TEXT NOT NULL,          -- UTC, RFC 3339
        command  TEXT NOT NULL,          -- enable, disable, delete, ...
        device   TEXT NOT NULL,          -- how the card was reached
        eid      TEXT NOT NULL,
        iccid    TEXT,                   -- the profile, if it is about one
        plan     TEXT NOT NULL,          -- what was to be done, JSON, without secrets
        finished TEXT,                   -- NULL: begun and never heard of again
        outcome  TEXT,                   -- done, not_done, unknown; closed: nobody will ever know
        detail   TEXT                    -- why, for all but done
    ) STRICT;
    CREATE INDEX journal_unfinished ON journal (id) WHERE outcome IS NULL OR outcome = 'unknown';

    -- What was found out about a device, so that it is not found out again.
    CREATE TABLE device_fact (
        device  TEXT NOT NULL,
        name    TEXT NOT NULL,
        value   TEXT NOT NULL,
        learned TEXT NOT NULL,
        PRIMARY KEY (device, name)
    ) STRICT, WITHOUT ROWID;
    ",
    "
    -- Who makes the change: process, its start and the boot. While it lives, an open entry is work in progress.
    ALTER TABLE journal ADD COLUMN process TEXT;

    -- How far a change of several steps came.
    CREATE TABLE journal_step (
        id      INTEGER PRIMARY KEY,
        journal INTEGER NOT NULL REFERENCES journal (id),
        at      TEXT NOT NULL,           -- UTC, RFC 3339
        step    TEXT NOT NULL,
        detail  TEXT NOT NULL            -- JSON, without secrets
    ) STRICT;
    CREATE INDEX journal_step_of ON journal_step (journal);

    -- What cards have signed for servers. Rows are never deleted: those that are settled are the archive.
    CREATE TABLE outbox (
        id         INTEGER PRIMARY KEY,
        eid        TEXT NOT NULL,
        device     TEXT NOT NULL,        -- how the card was reached
        seq        INTEGER NOT NULL,     -- the card's number for it
        event      TEXT NOT NULL,        -- install, enable, disable, delete, ...
        address    TEXT NOT NULL,        -- as the card has it
        host       TEXT,                 -- as it is asked for; NULL: no host can be made of the address
        iccid      TEXT,
        payload    BLOB NOT NULL,        -- PendingNotification, as the card gave it
        created    TEXT NOT NULL,        -- UTC, RFC 3339
        attempts   INTEGER NOT NULL DEFAULT 0,
        next_try   TEXT,                 -- UTC, RFC 3339; NULL: at once
        last_error TEXT,
        state      TEXT NOT NULL DEFAULT 'waiting',  -- waiting, delivered, dropped
        on_card    INTEGER NOT NULL,     -- 1 while the card has it, too, as far as is known
        journal    INTEGER REFERENCES journal (id),  -- the change that it was born of
        ended      TEXT,                 -- when it was delivered or dropped
        UNIQUE (eid, seq, payload)
    ) STRICT;
    CREATE INDEX outbox_waiting ON outbox (id) WHERE state = 'waiting';
    CREATE INDEX outbox_on_card ON outbox (eid) WHERE on_card = 1;
    ",
    "
    -- Subscriptions that are being ended. A row has what the events of its case come to, written in their transaction,
    -- so that whoever asks how things stand reads no events.
    CREATE TABLE retire_case (
        id       INTEGER PRIMARY KEY,    -- R1, R2, ...
        iccid    TEXT NOT NULL,
        eid      TEXT NOT NULL,          -- the card on which it was begun
        provider TEXT,
        name     TEXT,
        mcc      TEXT,
        mnc      TEXT,
        number   TEXT,                   -- the telephone number, if anybody has said
        created  TEXT NOT NULL,          -- UTC, RFC 3339
        state    TEXT NOT NULL,          -- open, completed, cancelled
        current  TEXT NOT NULL           -- JSON
    ) STRICT;
    CREATE UNIQUE INDEX retire_case_open ON retire_case (iccid) WHERE state = 'open';
    CREATE INDEX retire_case_state ON retire_case (state, id);

    -- What happened in a case. Rows are only ever added.
    CREATE TABLE case_event (
        id      INTEGER PRIMARY KEY,
        case_id INTEGER NOT NULL REFERENCES retire_case (id),
        at      TEXT NOT NULL,           -- UTC, RFC 3339
        kind    TEXT NOT NULL,
        step    TEXT,                    -- the step that it is about, if it is about one
        detail  TEXT NOT NULL            -- JSON
    ) STRICT;
    CREATE INDEX case_event_of ON case_event (case_id, id);
    CREATE TRIGGER case_event_stays BEFORE DELETE ON case_event
        BEGIN SELECT RAISE(ABORT, 'what happened in a case is never removed'); END;
    CREATE TRIGGER case_event_is_as_it_was BEFORE UPDATE ON case_event
        BEGIN SELECT RAISE(ABORT, 'what happened in a case is never changed'); END;

    -- Cards that were seen.
    CREATE TABLE card_seen (
        eid        TEXT PRIMARY KEY,
        device     TEXT NOT NULL,        -- how it was reached last
        first_seen TEXT NOT NULL,        -- UTC, RFC 3339
        last_seen  TEXT NOT NULL
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX card_seen_at ON card_seen (device);

    -- Profiles that were seen on them, also those that are gone.
    CREATE TABLE profile_seen (
        eid        TEXT NOT NULL,
        iccid      TEXT NOT NULL,
        provider   TEXT,
        name       TEXT,
        nickname   TEXT,
        first_seen TEXT NOT NULL,        -- UTC, RFC 3339
        last_seen  TEXT NOT NULL,
        gone       TEXT,                 -- since when it is known to be off the card
        PRIMARY KEY (eid, iccid)
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX profile_seen_iccid ON profile_seen (iccid);
    CREATE INDEX profile_seen_provider ON profile_seen (provider);

    -- What became of one profile: asked for by its number.
    CREATE INDEX journal_of_profile ON journal (iccid);
    CREATE INDEX outbox_of_profile ON outbox (iccid);
    ",
    "
    -- Every attempt to bring a notification to its server. One that has not ended is a claim: as long as it holds, no
    -- other process sends what the same card has for the same server. Rows are never deleted: they are the trail.
    CREATE TABLE outbox_attempt (
        id      INTEGER PRIMARY KEY,
        outbox  INTEGER NOT NULL REFERENCES outbox (id),
        process TEXT,                    -- who: process, its start, the boot, its PID namespace; NULL: not known
        started TEXT NOT NULL,           -- UTC, RFC 3339
        lease   INTEGER NOT NULL,        -- the claim holds no longer than this: seconds since the boot
        ended   TEXT,                    -- UTC, RFC 3339
        outcome TEXT,                    -- accepted, not_accepted, unanswered, unreached;
                                         -- lost: the process ended, or its time was up, before it noted an answer
        detail  TEXT                     -- why, for all but accepted
    ) STRICT;
    CREATE UNIQUE INDEX outbox_claim ON outbox_attempt (outbox) WHERE ended IS NULL;
    CREATE INDEX outbox_attempt_of ON outbox_attempt (outbox);

    -- The command line of a program that carries APDUs may hold a password. Older versions stored it.
    -- A cause may quote it; a program without arguments tells nothing.
    UPDATE journal SET detail = replace(detail, substr(device, 7), 'program#000000')
        WHERE device LIKE 'stdio:% %';
    UPDATE outbox SET last_error = replace(last_error, substr(device, 7), 'program#000000')
        WHERE device LIKE 'stdio:% %';
    UPDATE journal SET device = 'stdio:program#000000' WHERE device LIKE 'stdio:%';
    UPDATE outbox SET device = 'stdio:program#000000' WHERE device LIKE 'stdio:%';
    UPDATE card_seen SET device = 'stdio:program#000000' WHERE device LIKE 'stdio:%';
    DELETE FROM device_fact WHERE device LIKE 'stdio:%';

    -- The same in cases and their events: a device is the value of a key, or the second of a pair in 'devices'. Only here is
    -- an event ever changed.
    DROP TRIGGER case_event_is_as_it_was;
    UPDATE case_event SET detail = (
        WITH RECURSIVE
            place (number, path) AS (
                SELECT row_number() OVER (), fullkey FROM json_tree(case_event.detail)
                WHERE type = 'text' AND atom LIKE 'stdio:%' AND (key = 'device' OR path LIKE '$.devices[%')
            ),
            cleaned (number, json) AS (
                SELECT 0, case_event.detail
                UNION ALL
                SELECT place.number, json_set(cleaned.json, place.path, 'stdio:program#000000')
                FROM cleaned JOIN place ON place.number = cleaned.number + 1
            )
        SELECT json FROM cleaned ORDER BY number DESC LIMIT 1
    ) WHERE detail LIKE '%stdio:%';
    CREATE TRIGGER case_event_is_as_it_was BEFORE UPDATE ON case_event
        BEGIN SELECT RAISE(ABORT, 'what happened in a case is never changed'); END;
    UPDATE retire_case SET current = (
        WITH RECURSIVE
            place (number, path) AS (
                SELECT row_number() OVER (), fullkey FROM json_tree(retire_case.current)
                WHERE type = 'text' AND atom LIKE 'stdio:%' AND (key = 'device' OR path LIKE '$.devices[%')
            ),
            cleaned (number, json) AS (
                SELECT 0, retire_case.current
                UNION ALL
                SELECT place.number, json_set(cleaned.json, place.path, 'stdio:program#000000')
                FROM cleaned JOIN place ON place.number = cleaned.number + 1
            )
        SELECT json FROM cleaned ORDER BY number DESC LIMIT 1
    ) WHERE current LIKE '%stdio:%';

    -- How many notifications a card had that are not in the outbox, when it was asked last; NULL: it was never asked.
    ALTER TABLE card_seen ADD COLUMN waiting INTEGER;

    -- What became of the cases of a profile that is seen again.
    CREATE INDEX retire_case_of_profile ON retire_case (iccid, id);

    -- Switches that are undone if no network takes the modem with the new profile: written before the switch.
    CREATE TABLE rollback (
        id       INTEGER PRIMARY KEY,
        created  TEXT NOT NULL,          -- UTC, RFC 3339
        device   TEXT NOT NULL,          -- how the card was reached, with its options
        stable   TEXT,                   -- a name of the same port that outlives a reboot
        eid      TEXT NOT NULL,
        iccid    TEXT NOT NULL,          -- the profile to be enabled
        former   TEXT,                   -- the profile to go back to; NULL: none was enabled
        seconds  INTEGER NOT NULL,       -- how long a network is waited for
        deadline TEXT NOT NULL,          -- UTC, RFC 3339: to be shown; nothing is decided by a clock that can jump
        boot     TEXT NOT NULL,          -- the boot that the next column counts from
        until    INTEGER NOT NULL,       -- the deadline in seconds since that boot
        process  TEXT,                   -- who waits or goes back, as in the journal; NULL: nobody
        since    INTEGER NOT NULL,       -- the last entry of the journal before the switch
        state    TEXT NOT NULL DEFAULT 'open',  -- open, going_back; registered, rolled_back, kept, moot
        ended    TEXT,                   -- NULL: still to be kept or undone
        detail   TEXT                    -- why it ended, or why going back failed last
    ) STRICT;
    CREATE INDEX rollback_open ON rollback (id) WHERE ended IS NULL;

    -- A case that was opened by word alone may not know its profile's number: several such may be open.
    DROP INDEX retire_case_open;
    CREATE UNIQUE INDEX retire_case_open ON retire_case (iccid) WHERE state = 'open' AND iccid <> '';
    ",
    "
    -- The user's reason for giving a notification up; NULL: none was given.
    ALTER TABLE outbox ADD COLUMN reason TEXT;

    -- Of the notifications that only the card has, those that name no server. They are not among `waiting`.
    ALTER TABLE card_seen ADD COLUMN nameless INTEGER;

    -- Older versions joined what stands around a blank into the name of another host, and kept the default port.
    UPDATE outbox SET host = NULL
        WHERE trim(address, char(9, 10, 11, 12, 13, 32)) GLOB '*[' || char(9, 10, 11, 12, 13, 32) || ']*';
    UPDATE outbox SET host = substr(host, 1, length(host) - 4) WHERE host LIKE '%:443';

    -- The order of a download as a keyed hash of its server and its token: a code that is used again is recognised by it.
    -- The key is a file beside the database, so that nobody who has the database alone can try tokens.
    ALTER TABLE journal ADD COLUMN code TEXT;
    CREATE INDEX journal_of_code ON journal (code) WHERE code IS NOT NULL;

    -- What was learnt about modems went by the port, and may be about another modem than the one that is there now.
    DELETE FROM device_fact WHERE substr(device, 1, instr(device, ':')) IN ('at:', 'at-csim:', 'qmi:', 'mbim:', 'qrtr:');
    ",
];

/// The version of the format, in SQLite's `user_version`.
pub(super) const VERSION: i64 = STEPS.len() as i64;
