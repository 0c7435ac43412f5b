-- Executions that an engine can't go on with. seq is the number of events when that was noted: with
-- the next one it holds no more.
CREATE TABLE parked (
    execution text COLLATE "C" PRIMARY KEY,
    engine    text COLLATE "C" NOT NULL,
    at        float8 NOT NULL,
    seq       bigint NOT NULL,
    problem   bytea NOT NULL -- UTF-8; a text of PostgreSQL holds no zeros
);
