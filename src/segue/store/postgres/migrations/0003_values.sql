-- Values that are too big to stand in events: each once, by the hash of its JSON.
CREATE TABLE big_values (
    sha256 text COLLATE "C" PRIMARY KEY,
    data   bytea NOT NULL
);

-- Which executions refer to them. A value that nobody refers to any more goes when they are pruned.
CREATE TABLE value_uses (
    sha256    text COLLATE "C" NOT NULL REFERENCES big_values,
    execution text COLLATE "C" NOT NULL,
    PRIMARY KEY (sha256, execution)
);

CREATE INDEX value_uses_by_execution ON value_uses (execution);
