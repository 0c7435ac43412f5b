-- Marks the file as one of ours: 'SEGU'.
PRAGMA application_id = 1397049173;

-- Which of these files were applied, and what they were.
CREATE TABLE migrations (
    number INTEGER PRIMARY KEY,
    name   TEXT NOT NULL,
    sha256 TEXT NOT NULL
) STRICT;

-- Workflow files as they were when an execution began.
CREATE TABLE definitions (
    hash   TEXT PRIMARY KEY,
    name   TEXT NOT NULL,
    source TEXT NOT NULL,
    file   TEXT
) STRICT;

-- One row per execution, for listing and finding. seq is the number of its events.
CREATE TABLE executions (
    id         TEXT PRIMARY KEY,
    workflow   TEXT NOT NULL,
    definition TEXT NOT NULL,
    status     TEXT NOT NULL,
    settled    INTEGER NOT NULL,
    seq        INTEGER NOT NULL,
    created_at REAL NOT NULL,
    updated_at REAL NOT NULL
) STRICT, WITHOUT ROWID;

-- None of them holds what changes with every event, so that a step writes to none of them.
CREATE INDEX executions_by_age ON executions (created_at, id);
CREATE INDEX executions_by_status ON executions (status, created_at, id);
CREATE INDEX executions_by_workflow ON executions (workflow, created_at, id);

-- The truth. data is the event as JSON; type is in it too, and here for whoever looks by hand.
CREATE TABLE events (
    execution TEXT NOT NULL,
    seq       INTEGER NOT NULL,
    at        REAL NOT NULL,
    type      TEXT NOT NULL,
    data      BLOB NOT NULL,
    PRIMARY KEY (execution, seq)
) STRICT, WITHOUT ROWID;

-- Outstanding work: attempts to run and timers to fire. number gives the order of making.
-- An engine that is not in engines is lost or gone, and what it holds is free.
CREATE TABLE work (
    number             INTEGER PRIMARY KEY,
    execution          TEXT NOT NULL,
    name               TEXT NOT NULL,
    kind               TEXT NOT NULL,
    data               BLOB NOT NULL,
    due                REAL,
    engine             TEXT,
    claim              INTEGER NOT NULL,
    cancel             INTEGER NOT NULL,
    process_group      INTEGER,
    process_started_at REAL,
    UNIQUE (execution, name)
) STRICT;

CREATE INDEX work_by_engine ON work (engine, cancel);

-- The latest snapshot of each execution.
CREATE TABLE snapshots (
    execution TEXT PRIMARY KEY,
    seq       INTEGER NOT NULL,
    data      BLOB NOT NULL
) STRICT;

-- The engines that live, as far as is known.
CREATE TABLE engines (
    id             TEXT PRIMARY KEY,
    host           TEXT NOT NULL,
    boot           TEXT NOT NULL,
    pid            INTEGER NOT NULL,
    pid_started_at REAL NOT NULL,
    heartbeat_at   REAL NOT NULL
) STRICT, WITHOUT ROWID;

-- What attempts printed.
CREATE TABLE logs (
    number    INTEGER PRIMARY KEY,
    execution TEXT NOT NULL,
    task      TEXT NOT NULL,
    visit     INTEGER NOT NULL,
    attempt   INTEGER NOT NULL,
    stream    TEXT NOT NULL,
    at        REAL NOT NULL,
    text      TEXT NOT NULL
) STRICT;

CREATE INDEX logs_by_execution ON logs (execution);
