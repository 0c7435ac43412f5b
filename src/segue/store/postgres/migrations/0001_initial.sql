-- Which of these files were applied, and what they were.
CREATE TABLE migrations (
    number integer PRIMARY KEY,
    name   text NOT NULL,
    sha256 text NOT NULL
);

-- Workflow files as they were when an execution began.
CREATE TABLE definitions (
    hash   text COLLATE "C" PRIMARY KEY,
    name   text NOT NULL,
    source text NOT NULL,
    file   text
);

-- One row per execution, for listing and finding. seq is the number of its events. A sub-workflow
-- runs for an attempt of its parent; depth is how many executions stand above it; folder is where
-- relative paths in the definition begin. Half of each page is left free, and no index holds what
-- changes with every event, so that most changes of a row touch no index.
CREATE TABLE executions (
    id         text COLLATE "C" PRIMARY KEY,
    workflow   text NOT NULL,
    definition text NOT NULL,
    status     text NOT NULL,
    settled    boolean NOT NULL,
    seq        bigint NOT NULL,
    created_at double precision NOT NULL,
    updated_at double precision NOT NULL,
    parent     text COLLATE "C",
    attempt    text,
    depth      integer NOT NULL,
    folder     text
) WITH (fillfactor = 50);

CREATE INDEX executions_by_age ON executions (created_at, id);
CREATE INDEX executions_by_status ON executions (status, created_at, id);
CREATE INDEX executions_by_workflow ON executions (workflow, created_at, id);
CREATE INDEX executions_by_parent ON executions (parent, created_at, id) WHERE parent IS NOT NULL;
CREATE INDEX executions_on_top ON executions (created_at, id) WHERE parent IS NULL;

-- The truth. data is the event as JSON, as bytes: there is text in JSON that is none here.
CREATE TABLE events (
    execution text COLLATE "C" NOT NULL,
    seq       bigint NOT NULL,
    at        double precision NOT NULL,
    type      text NOT NULL,
    data      bytea NOT NULL,
    PRIMARY KEY (execution, seq)
);

-- Outstanding work: attempts, sub-workflows, timers, questions. number gives the order of making.
-- free: nobody has it, or the engine that had it is lost or gone. taken marks what one call has
-- claimed: who lost the connection while it waited for the answer finds it by that.
CREATE TABLE work (
    number             bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    execution          text COLLATE "C" NOT NULL,
    name               text COLLATE "C" NOT NULL,
    kind               text NOT NULL,
    data               bytea NOT NULL,
    due                double precision,
    engine             text COLLATE "C",
    claim              bigint NOT NULL,
    cancel             boolean NOT NULL,
    free               boolean NOT NULL,
    taken              text,
    process_group      bigint,
    process_started_at double precision,
    UNIQUE (execution, name)
);

CREATE INDEX work_free ON work (number) WHERE free;
CREATE INDEX work_by_engine ON work (engine, number);
CREATE INDEX work_to_end ON work (engine, number) WHERE cancel;

-- The latest snapshot of each execution.
CREATE TABLE snapshots (
    execution text COLLATE "C" PRIMARY KEY,
    seq       bigint NOT NULL,
    data      bytea NOT NULL
);

-- The engines that live, as far as is known.
CREATE TABLE engines (
    id             text COLLATE "C" PRIMARY KEY,
    host           text NOT NULL,
    boot           text NOT NULL,
    pid            bigint NOT NULL,
    pid_started_at double precision NOT NULL,
    heartbeat_at   double precision NOT NULL
) WITH (fillfactor = 50);

-- What attempts printed, as bytes: programs print what they like.
CREATE TABLE logs (
    number    bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    execution text COLLATE "C" NOT NULL,
    task      text NOT NULL,
    visit     integer NOT NULL,
    attempt   integer NOT NULL,
    stream    text NOT NULL,
    at        double precision NOT NULL,
    text      bytea NOT NULL
);

CREATE INDEX logs_by_execution ON logs (execution, number);

-- The key store: values that workflows read by name. value is JSON.
CREATE TABLE keys (
    name       text COLLATE "C" PRIMARY KEY,
    value      bytea NOT NULL,
    updated_at double precision NOT NULL
);

-- The last group that each open store has written, and what was answered: who lost the connection
-- while it waited for the answer finds it here.
CREATE TABLE commits (
    writer  text PRIMARY KEY,
    number  bigint NOT NULL,
    answers text[] NOT NULL,
    at      timestamptz NOT NULL
) WITH (fillfactor = 50);

-- Write a group of changes, those that are not refused, and answer each: 'committed', 'conflict N'
-- with the number of events there are, or 'fenced NAME'. One call is one round trip and one
-- transaction. Of what a change has many of (events, fences, work), all stand one after the other
-- in one array, and `counts` says how many are whose: per change, so many events, fences, ended,
-- made, canceled.
CREATE FUNCTION commit_changes(
    writer_id text, commit_number bigint,
    ids text[], expecteds bigint[], workflows text[], definitions_ text[], statuses text[],
    settleds boolean[], seqs bigint[], created double precision[], updated double precision[],
    parents text[], attempts text[], depths integer[], folders text[], engine_ids text[],
    counts integer[],
    event_at double precision[], event_type text[], event_data bytea[],
    fence_names text[], fence_claims bigint[],
    ended_names text[],
    work_names text[], work_kinds text[], work_data bytea[], work_due double precision[],
    canceled_names text[],
    snapshot_seqs bigint[], snapshot_data bytea[]
) RETURNS text[] LANGUAGE plpgsql AS $$
DECLARE
    given text[] := '{}';
    answer text;
    found_seq bigint;
    held bigint;
    living text[];
    e integer := 0; f integer := 0; d integer := 0; w integer := 0; c integer := 0;
    ne integer; nf integer; nd integer; nw integer; nc integer;
BEGIN
    -- Who lost the connection waits here, when it comes back, for what it had begun.
    PERFORM 1 FROM commits WHERE writer = writer_id FOR UPDATE;
    -- The engines first, which are not declared lost until this is over, then all rows in one
    -- order: nobody waits for another one crosswise.
    SELECT coalesce(array_agg(id), '{}') INTO living FROM (
        SELECT id FROM engines WHERE id = ANY (engine_ids) ORDER BY id FOR KEY SHARE
    ) AS locked;
    PERFORM 1 FROM executions WHERE id = ANY (ids) ORDER BY id FOR UPDATE;
    FOR i IN 1 .. cardinality(ids) LOOP
        ne := counts[5 * i - 4]; nf := counts[5 * i - 3]; nd := counts[5 * i - 2];
        nw := counts[5 * i - 1]; nc := counts[5 * i];
        answer := NULL;
        IF expecteds[i] = 0 THEN
            INSERT INTO executions VALUES (
                ids[i], workflows[i], definitions_[i], statuses[i], settleds[i], seqs[i],
                created[i], updated[i], parents[i], attempts[i], depths[i], folders[i]
            ) ON CONFLICT (id) DO NOTHING;
            IF NOT FOUND THEN
                SELECT seq INTO found_seq FROM executions WHERE id = ids[i];
                answer := 'conflict ' || coalesce(found_seq, 0);  -- deleted by now
            END IF;
        ELSE
            SELECT seq INTO found_seq FROM executions WHERE id = ids[i] FOR UPDATE;
            IF NOT FOUND THEN
                answer := 'conflict 0';
            ELSIF found_seq <> expecteds[i] THEN
                answer := 'conflict ' || found_seq;
            END IF;
        END IF;
        IF answer IS NULL THEN
            FOR k IN f + 1 .. f + nf LOOP
                SELECT claim INTO held FROM work
                    WHERE execution = ids[i] AND name = fence_names[k] FOR UPDATE;
                IF NOT FOUND OR held <> fence_claims[k] THEN
                    answer := 'fenced ' || fence_names[k];
                    EXIT;
                END IF;
            END LOOP;
            IF answer IS NOT NULL AND expecteds[i] = 0 THEN
                DELETE FROM executions WHERE id = ids[i];
            END IF;
        END IF;
        IF answer IS NULL THEN
            IF expecteds[i] > 0 THEN
                UPDATE executions SET workflow = workflows[i], definition = definitions_[i],
                    status = statuses[i], settled = settleds[i], seq = seqs[i],
                    created_at = created[i], updated_at = updated[i]
                    WHERE id = ids[i];
            END IF;
            INSERT INTO events SELECT ids[i], expecteds[i] + n, a, t, x
                FROM unnest(event_at[e + 1 : e + ne], event_type[e + 1 : e + ne],
                    event_data[e + 1 : e + ne]) WITH ORDINALITY AS rows (a, t, x, n);
            IF nd > 0 THEN
                DELETE FROM work
                    WHERE execution = ids[i] AND name = ANY (ended_names[d + 1 : d + nd]);
            END IF;
            IF nw > 0 THEN
                INSERT INTO work (execution, name, kind, data, due, engine, claim, cancel, free)
                    SELECT ids[i], n, k, x, u, engine_ids[i], 1, FALSE,
                        engine_ids[i] IS NULL OR NOT engine_ids[i] = ANY (living)
                    FROM unnest(work_names[w + 1 : w + nw], work_kinds[w + 1 : w + nw],
                        work_data[w + 1 : w + nw], work_due[w + 1 : w + nw])
                        WITH ORDINALITY AS rows (n, k, x, u, place)
                    ORDER BY place;
            END IF;
            IF nc > 0 THEN
                UPDATE work SET cancel = TRUE
                    WHERE execution = ids[i] AND name = ANY (canceled_names[c + 1 : c + nc]);
            END IF;
            IF snapshot_seqs[i] IS NOT NULL THEN
                INSERT INTO snapshots VALUES (ids[i], snapshot_seqs[i], snapshot_data[i])
                    ON CONFLICT (execution) DO UPDATE SET seq = excluded.seq, data = excluded.data;
            END IF;
            answer := 'committed';
        END IF;
        given := given || answer;
        e := e + ne; f := f + nf; d := d + nd; w := w + nw; c := c + nc;
    END LOOP;
    UPDATE commits SET number = commit_number, answers = given, at = now()
        WHERE writer = writer_id;
    RETURN given;
END
$$;

-- Forget an engine (heartbeat: only if its last one is this), and free what it has.
CREATE FUNCTION forget_engine(engine_id text, heartbeat double precision)
RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
    DELETE FROM engines
        WHERE id = engine_id AND (heartbeat IS NULL OR heartbeat_at = heartbeat);
    IF NOT FOUND THEN
        RETURN FALSE;
    END IF;
    UPDATE work SET free = TRUE WHERE engine = engine_id AND NOT free;
    RETURN TRUE;
END
$$;
