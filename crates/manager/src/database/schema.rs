//! The format of the database, and how an older one becomes today's.

/// What leads from each version of the format to the next; from nothing to version 1 first. An entry is never changed
/// once it was in use.
pub(super) const STEPS: [&str; 2] = [
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
];

/// The version of the format, in SQLite's `user_version`.
pub(super) const VERSION: i64 = STEPS.len() as i64;
