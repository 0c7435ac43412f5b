"""Every SQL statement of the store, by name. Those of the schema are in `migrations`."""

from itertools import product
from typing import Final, LiteralString, TypeAlias

Query: TypeAlias = LiteralString

PUT_DEFINITION: Final = """
INSERT INTO definitions (hash, name, source, file) VALUES (%s, %s, %s, %s)
ON CONFLICT (hash) DO NOTHING
"""
GET_DEFINITION: Final = "SELECT hash, name, source, file FROM definitions WHERE hash = %s"

# -- a commit --------------------------------------------------------------------------------

COMMIT_CHANGES: Final = """
SELECT commit_changes(
    %(writer)s, %(number)s,
    %(ids)s::text[], %(expecteds)s::bigint[], %(workflows)s::text[], %(definitions)s::text[],
    %(statuses)s::text[], %(settleds)s::boolean[], %(seqs)s::bigint[],
    %(created)s::float8[], %(updated)s::float8[], %(parents)s::text[], %(attempts)s::text[],
    %(depths)s::integer[], %(folders)s::text[], %(engines)s::text[],
    %(counts)s::integer[],
    %(event_at)s::float8[], %(event_type)s::text[], %(event_data)s::bytea[],
    %(fence_names)s::text[], %(fence_claims)s::bigint[],
    %(ended_names)s::text[],
    %(work_names)s::text[], %(work_kinds)s::text[], %(work_data)s::bytea[], %(work_due)s::float8[],
    %(canceled_names)s::text[],
    %(snapshot_seqs)s::bigint[], %(snapshot_data)s::bytea[]
)
"""
# One that is there is locked, so that nobody takes it for one that nothing refers to.
PUT_VALUE: Final = """
INSERT INTO big_values (sha256, data) VALUES (%s, %s)
ON CONFLICT (sha256) DO UPDATE SET sha256 = excluded.sha256
"""
PUT_VALUE_USES: Final = """
INSERT INTO value_uses (sha256, execution) SELECT * FROM unnest(%s::text[], %s::text[])
ON CONFLICT DO NOTHING
"""
#: Waits for a group that is still being written.
GET_ANSWERS: Final = """
SELECT number, answers FROM commits WHERE writer = %s FOR UPDATE
"""
ADD_WRITER: Final = """
INSERT INTO commits (writer, number, answers, at) VALUES (%s, 0, '{}', now())
ON CONFLICT (writer) DO NOTHING
"""
FORGET_WRITER: Final = "DELETE FROM commits WHERE writer = %s"
#: What was left behind by those that did not close.
FORGET_OLD_WRITERS: Final = "DELETE FROM commits WHERE at < now() - interval '7 days'"

# -- executions ------------------------------------------------------------------------------

_EXECUTION: Final = """
SELECT id, workflow, definition, status, settled, seq, created_at, updated_at,
    parent, attempt, depth, folder
FROM executions
"""
_COUNT: Final = "SELECT count(*) FROM executions"
_NEWEST_FIRST: Final = " ORDER BY created_at DESC, id DESC LIMIT %(limit)s OFFSET %(offset)s"
_CONDITIONS: Final[tuple[LiteralString, ...]] = (
    "status = %(status)s",
    "workflow = %(workflow)s",
    "parent = %(parent)s",
    "parent IS NULL",
)


def _where(filters: tuple[bool, ...]) -> LiteralString:
    chosen = [one for one, wanted in zip(_CONDITIONS, filters, strict=True) if wanted]
    return " WHERE " + " AND ".join(chosen) if chosen else ""


_WHERE: Final = {
    filters: _where(filters) for filters in product((False, True), repeat=len(_CONDITIONS))
}

GET_EXECUTION: Final = _EXECUTION + " WHERE id = %s"
LIST_EXECUTIONS: Final = {
    filters: _EXECUTION + where + _NEWEST_FIRST for filters, where in _WHERE.items()
}
COUNT_EXECUTIONS: Final = {filters: _COUNT + where for filters, where in _WHERE.items()}
FIND_EXECUTIONS: Final = """
SELECT id FROM executions WHERE id >= %(prefix)s AND id < %(prefix)s || chr(1114111)
ORDER BY id LIMIT %(limit)s
"""

READ_EVENTS: Final = """
SELECT seq, at, type, data FROM events WHERE execution = %s AND seq > %s ORDER BY seq LIMIT %s
"""
READ_SNAPSHOT: Final = "SELECT seq, data FROM snapshots WHERE execution = %s"
READ_VALUE: Final = "SELECT data FROM big_values WHERE sha256 = %s"

# -- outstanding work ------------------------------------------------------------------------

_WORK: Final = """
SELECT execution, name, kind, data, due, engine, claim, cancel, process_group, process_started_at
FROM work
"""
LIST_WORK: Final = {
    (False, False): _WORK + " ORDER BY number",
    (True, False): _WORK + " WHERE execution = %(execution)s ORDER BY number",
    (False, True): _WORK + " WHERE engine = %(engine)s ORDER BY number",
    (True, True): _WORK
    + " WHERE execution = %(execution)s AND engine = %(engine)s ORDER BY number",
}
CANCELED_WORK: Final = _WORK + " WHERE engine = %s AND cancel ORDER BY number"
NOTE_PROCESS: Final = """
UPDATE work SET process_group = %s, process_started_at = %s
WHERE execution = %s AND name = %s AND claim = %s
"""
# What somebody else is claiming at this moment is passed over, not waited for. The engine is locked
# so that it is not declared lost before its claims are written.
_CHOOSE: Final = """
WITH writing AS (SELECT writer FROM commits WHERE writer = %(writer)s FOR UPDATE),
claimant AS (SELECT id FROM engines WHERE id = %(engine)s FOR KEY SHARE),
chosen AS (
    SELECT number FROM work
    WHERE free AND (%(execution)s::text IS NULL OR execution = %(execution)s)
        AND (%(kinds)s::text[] IS NULL OR kind = ANY (%(kinds)s))
        AND (%(due_by)s::float8 IS NULL OR due <= %(due_by)s)
        AND EXISTS (SELECT 1 FROM writing) AND EXISTS (SELECT 1 FROM claimant)
"""
_CLAIM: Final = """
    FOR UPDATE SKIP LOCKED
)
UPDATE work SET engine = %(engine)s, claim = claim + 1, free = FALSE, taken = %(token)s
WHERE number IN (SELECT number FROM chosen)
"""
CLAIM_WORK: Final = _CHOOSE + " ORDER BY number LIMIT %(limit)s" + _CLAIM
CLAIM_DUE_WORK: Final = _CHOOSE + " ORDER BY due, number LIMIT %(limit)s" + _CLAIM
FREE_WORK: Final = """
SELECT EXISTS (
    SELECT 1 FROM work WHERE free AND (%(execution)s::text IS NULL OR execution = %(execution)s)
        AND (%(kinds)s::text[] IS NULL OR kind = ANY (%(kinds)s))
        AND (%(due_by)s::float8 IS NULL OR due <= %(due_by)s)
)
"""
TAKEN_WORK: Final = _WORK + " WHERE engine = %s AND taken = %s ORDER BY number"
RELEASE_WORK: Final = """
UPDATE work SET engine = NULL, free = TRUE, data = coalesce(
    (
        SELECT renewed.data
        FROM unnest(%(executions)s::text[], %(names)s::text[], %(data)s::bytea[])
            AS renewed (execution, name, data)
        WHERE renewed.execution = work.execution AND renewed.name = work.name
    ),
    data
)
WHERE engine = %(engine)s AND (execution, name) NOT IN (
    SELECT * FROM unnest(%(kept_executions)s::text[], %(kept_names)s::text[])
)
"""

# -- engines ---------------------------------------------------------------------------------

PUT_ENGINE: Final = """
WITH held AS (UPDATE work SET free = FALSE WHERE engine = %(id)s AND free)
INSERT INTO engines (id, host, boot, pid, pid_started_at, heartbeat_at)
VALUES (%(id)s, %(host)s, %(boot)s, %(pid)s, %(pid_started_at)s, %(heartbeat_at)s)
ON CONFLICT (id) DO UPDATE SET
    host = excluded.host, boot = excluded.boot, pid = excluded.pid,
    pid_started_at = excluded.pid_started_at, heartbeat_at = excluded.heartbeat_at
"""
BEAT: Final = "UPDATE engines SET heartbeat_at = %s WHERE id = %s"
LIST_ENGINES: Final = """
SELECT id, host, boot, pid, pid_started_at, heartbeat_at FROM engines ORDER BY id
"""
FORGET_ENGINE: Final = "SELECT forget_engine(%s, %s)"

# -- parked ----------------------------------------------------------------------------------

NOTE_PARKED: Final = """
INSERT INTO parked (execution, engine, at, seq, problem)
SELECT id, new.engine, new.at, executions.seq, new.problem
FROM unnest(%s::text[], %s::text[], %s::float8[], %s::bytea[])
AS new (execution, engine, at, problem)
JOIN executions ON id = execution
ON CONFLICT (execution) DO UPDATE
SET engine = excluded.engine, at = excluded.at, seq = excluded.seq, problem = excluded.problem
"""
LIST_PARKED: Final = """
SELECT execution, engine, at, problem FROM parked
JOIN executions ON executions.id = parked.execution AND executions.seq = parked.seq
WHERE %(execution)s::text IS NULL OR execution = %(execution)s
ORDER BY execution
"""

# -- logs ------------------------------------------------------------------------------------

APPEND_LOG: Final = """
INSERT INTO logs (execution, task, visit, attempt, stream, at, text)
SELECT * FROM unnest(
    %s::text[], %s::text[], %s::integer[], %s::integer[], %s::text[], %s::float8[], %s::bytea[]
)
"""
READ_LOG: Final = """
SELECT number, execution, task, visit, attempt, stream, at, text FROM logs
WHERE execution = %(execution)s AND number > %(after)s
    AND (%(task)s::text IS NULL OR task = %(task)s)
ORDER BY number LIMIT %(limit)s
"""

# -- pruning ---------------------------------------------------------------------------------

_AND_BELOW: Final = """
    UNION
    SELECT below.id FROM tree JOIN executions AS below ON below.parent = tree.id
"""
# What is young is not even looked at: `created_at` has an index. A tree must be old throughout.
_OLD: Final = """
AS top WHERE created_at < %(before)s AND settled AND updated_at < %(before)s
AND NOT EXISTS (SELECT 1 FROM executions AS above WHERE above.id = top.parent)
AND NOT EXISTS (
    WITH RECURSIVE tree (id) AS (SELECT top.id
"""
_IN_WHOLE: Final = """
    )
    SELECT 1 FROM tree JOIN executions AS one ON one.id = tree.id
    WHERE NOT one.settled OR one.updated_at >= %(before)s OR one.created_at >= %(before)s
    OR EXISTS (SELECT 1 FROM work WHERE work.execution = one.id)
)
"""
_PRUNABLE: Final = _EXECUTION + _OLD + _AND_BELOW + _IN_WHOLE
# No status means any.
_OF_STATUS: Final = """
AND (%(statuses)s::text[] = '{}' OR status = ANY (%(statuses)s))
ORDER BY created_at, id LIMIT %(limit)s
"""
FIND_PRUNABLE: Final = _PRUNABLE + _OF_STATUS
ARE_PRUNABLE: Final = _PRUNABLE + " AND id = ANY (%(tops)s)"
_TREES: Final = """
WITH RECURSIVE tree (top, id) AS (
    SELECT id, id FROM executions WHERE id = ANY (%(tops)s)
    UNION
    SELECT tree.top, below.id FROM tree JOIN executions AS below ON below.parent = tree.id
)
"""
_COUNTED: Final = """
SELECT top, count(*), sum(seq)::bigint FROM tree JOIN executions AS one ON one.id = tree.id
GROUP BY top
"""
COUNT_TREES: Final = _TREES + _COUNTED
_HELD: Final = """
SELECT id FROM executions WHERE id IN (SELECT id FROM tree) ORDER BY id FOR UPDATE
"""
#: In the order in which commits take them. Nobody can go on with one that is held so.
HOLD_TREES: Final = _TREES + _HELD
PRUNE: Final = (
    "DELETE FROM events WHERE execution = ANY (%s)",
    "DELETE FROM snapshots WHERE execution = ANY (%s)",
    "DELETE FROM logs WHERE execution = ANY (%s)",
    "DELETE FROM parked WHERE execution = ANY (%s)",
    "DELETE FROM executions WHERE id = ANY (%s)",
)
# One that a commit holds is about to be used. When all others are held, none can become so.
HOLD_UNUSED_DEFINITIONS: Final = """
SELECT hash FROM definitions
WHERE NOT EXISTS (SELECT 1 FROM executions WHERE definition = hash)
ORDER BY hash FOR UPDATE SKIP LOCKED
"""
PRUNE_VALUE_USES: Final = "DELETE FROM value_uses WHERE execution = ANY (%s) RETURNING sha256"
#: First held, then looked at: who was about to refer to one has done so by then.
HOLD_VALUES: Final = """
SELECT sha256 FROM big_values WHERE sha256 = ANY (%s) ORDER BY sha256 FOR UPDATE
"""
PRUNE_VALUES: Final = """
DELETE FROM big_values WHERE sha256 = ANY (%s)
AND NOT EXISTS (SELECT 1 FROM value_uses WHERE value_uses.sha256 = big_values.sha256)
"""
PRUNE_DEFINITIONS: Final = """
DELETE FROM definitions
WHERE hash = ANY (%s) AND NOT EXISTS (SELECT 1 FROM executions WHERE definition = hash)
"""
PUT_DEFINITIONS: Final = """
INSERT INTO definitions (hash, name, source, file)
SELECT * FROM unnest(%s::text[], %s::text[], %s::text[], %s::text[])
ON CONFLICT (hash) DO NOTHING
"""
HOLD_DEFINITIONS: Final = """
SELECT hash FROM definitions WHERE hash = ANY (%s) ORDER BY hash FOR KEY SHARE
"""

# -- hints -----------------------------------------------------------------------------------

NOTIFY: Final = "SELECT pg_notify(%s, %s)"

# -- health ----------------------------------------------------------------------------------

COUNT_ALL: Final = """
SELECT
    (SELECT count(*) FROM executions), (SELECT count(*) FROM events), (SELECT count(*) FROM work),
    (SELECT coalesce(sum(pg_total_relation_size(c.oid)), 0)::bigint FROM pg_class c
        WHERE c.relnamespace = current_schema()::regnamespace AND c.relkind = 'r'),
    (SELECT max(number) FROM migrations), current_setting('server_version')
"""
#: On which durability hangs.
SETTINGS: Final = """
SELECT name, setting FROM pg_settings
WHERE name IN ('fsync', 'full_page_writes', 'synchronous_commit') ORDER BY name
"""
#: Each gives (execution, what is wrong), and nothing where all is well.
FINDINGS: Final = (
    """
SELECT execution, 'has ' || count(*) || ' events, numbered from ' || min(seq) || ' to ' || max(seq)
FROM events GROUP BY execution HAVING min(seq) <> 1 OR max(seq) <> count(*) LIMIT 21
""",
    """
SELECT id, 'should have ' || executions.seq || ' events and has ' || count(events.seq)
FROM executions LEFT JOIN events ON events.execution = executions.id
GROUP BY id HAVING count(events.seq) <> executions.seq LIMIT 21
""",
    """
SELECT DISTINCT execution, 'has events and no row' FROM events
WHERE NOT EXISTS (SELECT 1 FROM executions WHERE id = execution) LIMIT 21
""",
    """
SELECT id, 'has a definition that is missing' FROM executions
WHERE NOT EXISTS (SELECT 1 FROM definitions WHERE hash = definition) LIMIT 21
""",
    """
SELECT DISTINCT execution, 'is settled and has outstanding work'
FROM work JOIN executions ON id = execution WHERE settled LIMIT 21
""",
    """
SELECT DISTINCT execution, 'has outstanding work and no row' FROM work
WHERE NOT EXISTS (SELECT 1 FROM executions WHERE id = execution) LIMIT 21
""",
    """
SELECT execution, 'has a snapshot of ' || snapshots.seq || ' events, which it never had'
FROM snapshots LEFT JOIN executions ON id = execution
WHERE id IS NULL OR snapshots.seq > executions.seq LIMIT 21
""",
)

# -- keys ------------------------------------------------------------------------------------

PUT_KEY: Final = """
INSERT INTO keys (name, value, updated_at) VALUES (%s, %s, %s)
ON CONFLICT (name) DO UPDATE SET value = excluded.value, updated_at = excluded.updated_at
"""
GET_KEYS: Final = "SELECT name, value, updated_at FROM keys WHERE name = ANY (%s)"
LIST_KEYS: Final = """
SELECT name, value, updated_at FROM keys
WHERE name >= %(prefix)s AND name < %(prefix)s || chr(1114111)
ORDER BY name LIMIT %(limit)s
"""
DELETE_KEY: Final = "DELETE FROM keys WHERE name = %s"
