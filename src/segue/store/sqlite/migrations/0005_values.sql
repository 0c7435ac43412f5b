-- Values that are too big to stand in events: each once, by the hash of its JSON.
CREATE TABLE big_values (
    sha256 TEXT PRIMARY KEY,
    data   BLOB NOT NULL
) STRICT;

-- Which executions refer to them. A value that nobody refers to any more goes when they are pruned.
CREATE TABLE value_uses (
    sha256    TEXT NOT NULL,
    execution TEXT NOT NULL,
    PRIMARY KEY (sha256, execution)
) STRICT, WITHOUT ROWID;

CREATE INDEX value_uses_by_execution ON value_uses (execution);
