-- The key store: values that workflows read by name. value is JSON.
CREATE TABLE keys (
    name       TEXT PRIMARY KEY,
    value      BLOB NOT NULL,
    updated_at REAL NOT NULL
) STRICT, WITHOUT ROWID;
