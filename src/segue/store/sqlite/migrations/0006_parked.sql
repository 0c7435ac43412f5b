-- Executions that an engine can't go on with. seq is the number of events when that was noted: with
-- the next one it holds no more.
CREATE TABLE parked (
    execution TEXT PRIMARY KEY,
    engine    TEXT NOT NULL,
    at        REAL NOT NULL,
    seq       INTEGER NOT NULL,
    problem   TEXT NOT NULL
) STRICT, WITHOUT ROWID;
