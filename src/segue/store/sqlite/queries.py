"""Every SQL statement of the store, by name. Those of the schema are in `migrations`."""

from itertools import product
from typing import Final

PUT_DEFINITION: Final = """
INSERT INTO definitions (hash, name, source, file) VALUES (?, ?, ?, ?)
ON CONFLICT (hash) DO NOTHING
"""
GET_DEFINITION: Final = "SELECT hash, name, source, file FROM definitions WHERE hash = ?"

# -- a commit --------------------------------------------------------------------------------

GET_POSITION: Final = """
SELECT seq, status, workflow, definition, created_at FROM executions WHERE id = ?
"""
INSERT_EXECUTION: Final = """
INSERT INTO executions
    (id, workflow, definition, status, settled, seq, created_at, updated_at,
    parent, attempt, depth, folder)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
"""
# What changes with every event, and nothing that an index holds: one page is written.
ADVANCE_EXECUTION: Final = """
UPDATE executions SET settled = ?, seq = ?, updated_at = ? WHERE id = ?
"""
REPLACE_EXECUTION: Final = """
UPDATE executions SET
    workflow = ?, definition = ?, status = ?, settled = ?, seq = ?, created_at = ?, updated_at = ?
WHERE id = ?
"""
INSERT_EVENT: Final = """
INSERT INTO events (execution, seq, at, type, data) VALUES (?, ?, ?, ?, ?)
"""
GET_CLAIM: Final = "SELECT claim FROM work WHERE execution = ? AND name = ?"
INSERT_WORK: Final = """
INSERT INTO work (execution, name, kind, data, due, engine, claim, cancel)
VALUES (?, ?, ?, ?, ?, ?, 1, 0)
"""
DELETE_WORK: Final = "DELETE FROM work WHERE execution = ? AND name = ?"
CANCEL_WORK: Final = "UPDATE work SET cancel = 1 WHERE execution = ? AND name = ?"
PUT_SNAPSHOT: Final = """
INSERT INTO snapshots (execution, seq, data) VALUES (?, ?, ?)
ON CONFLICT (execution) DO UPDATE SET seq = excluded.seq, data = excluded.data
"""
PUT_VALUE: Final = """
INSERT INTO big_values (sha256, data) VALUES (?, ?) ON CONFLICT (sha256) DO NOTHING
"""
HAS_VALUE: Final = "SELECT 1 FROM big_values WHERE sha256 = ?"
PUT_VALUE_USE: Final = """
INSERT INTO value_uses (sha256, execution) VALUES (?, ?) ON CONFLICT DO NOTHING
"""

# -- executions ------------------------------------------------------------------------------

_EXECUTION: Final = """
SELECT id, workflow, definition, status, settled, seq, created_at, updated_at,
    parent, attempt, depth, folder
FROM executions
"""
_COUNT: Final = "SELECT count(*) FROM executions"
_NEWEST_FIRST: Final = " ORDER BY created_at DESC, id DESC LIMIT :limit OFFSET :offset"
_CONDITIONS: Final = (
    "status = :status",
    "workflow = :workflow",
    "parent = :parent",
    "parent IS NULL",
)


def _where(filters: tuple[bool, ...]) -> str:
    chosen = [one for one, wanted in zip(_CONDITIONS, filters, strict=True) if wanted]
    return f" WHERE {' AND '.join(chosen)}" if chosen else ""


# A text for each choice rather than one with "OR :status IS NULL", which no index can serve.
_WHERE: Final = {
    filters: _where(filters) for filters in product((False, True), repeat=len(_CONDITIONS))
}

GET_EXECUTION: Final = _EXECUTION + " WHERE id = ?"
LIST_EXECUTIONS: Final = {
    filters: _EXECUTION + where + _NEWEST_FIRST for filters, where in _WHERE.items()
}
COUNT_EXECUTIONS: Final = {filters: _COUNT + where for filters, where in _WHERE.items()}
FIND_EXECUTIONS: Final = """
SELECT id FROM executions WHERE id >= :prefix AND id < :prefix || char(0x10FFFF)
ORDER BY id LIMIT :limit
"""

READ_EVENTS: Final = """
SELECT seq, at, type, data FROM events WHERE execution = ? AND seq > ? ORDER BY seq LIMIT ?
"""
READ_SNAPSHOT: Final = "SELECT seq, data FROM snapshots WHERE execution = ?"
READ_VALUE: Final = "SELECT data FROM big_values WHERE sha256 = ?"

# -- outstanding work ------------------------------------------------------------------------

_WORK: Final = """
SELECT execution, name, kind, data, due, engine, claim, cancel, process_group, process_started_at
FROM work
"""
LIST_WORK: Final = {
    (False, False): _WORK + " ORDER BY number",
    (True, False): _WORK + " WHERE execution = :execution ORDER BY number",
    (False, True): _WORK + " WHERE engine = :engine ORDER BY number",
    (True, True): _WORK + " WHERE execution = :execution AND engine = :engine ORDER BY number",
}
CANCELED_WORK: Final = _WORK + " WHERE engine = ? AND cancel = 1 ORDER BY number"
NOTE_PROCESS: Final = """
UPDATE work SET process_group = ?, process_started_at = ?
WHERE execution = ? AND name = ? AND claim = ?
"""
# The engines that hold something, found by one step in the index for each of them: looking at
# every row would cost the more the more work is outstanding, and it is asked for often.
_FREE_WORK: Final = """
WITH RECURSIVE holder (engine) AS (
    SELECT min(engine) FROM work
    UNION ALL
    SELECT (SELECT min(work.engine) FROM work WHERE work.engine > holder.engine)
    FROM holder WHERE holder.engine IS NOT NULL
),
gone (engine) AS (
    SELECT engine FROM holder WHERE engine IS NOT NULL AND engine NOT IN (SELECT id FROM engines)
),
free (number) AS (
    SELECT number FROM work WHERE engine IS NULL
    UNION ALL
    SELECT number FROM work WHERE engine IN (SELECT engine FROM gone)
)
SELECT number, execution, name, kind, data, due, engine, claim, cancel,
    process_group, process_started_at
FROM work
WHERE number IN (SELECT number FROM free) AND (:execution IS NULL OR execution = :execution)
    AND (:kinds IS NULL OR kind IN (SELECT value FROM json_each(:kinds)))
    AND (:due_by IS NULL OR due <= :due_by)
"""
FREE_WORK: Final = _FREE_WORK + "ORDER BY number LIMIT :limit"
FREE_DUE_WORK: Final = _FREE_WORK + "ORDER BY due, number LIMIT :limit"
CLAIM_WORK: Final = "UPDATE work SET engine = ?, claim = claim + 1 WHERE number = ?"
RENEW_WORK: Final = "UPDATE work SET data = ? WHERE execution = ? AND name = ? AND engine = ?"
RELEASE_WORK: Final = """
UPDATE work SET engine = NULL WHERE engine = ? AND (execution, name) NOT IN (
    SELECT json_extract(value, '$[0]'), json_extract(value, '$[1]') FROM json_each(?)
)
"""

# -- engines ---------------------------------------------------------------------------------

PUT_ENGINE: Final = """
INSERT INTO engines (id, host, boot, pid, pid_started_at, heartbeat_at)
VALUES (?, ?, ?, ?, ?, ?)
ON CONFLICT (id) DO UPDATE SET
    host = excluded.host, boot = excluded.boot, pid = excluded.pid,
    pid_started_at = excluded.pid_started_at, heartbeat_at = excluded.heartbeat_at
"""
HAS_ENGINE: Final = "SELECT 1 FROM engines WHERE id = ?"
BEAT: Final = "UPDATE engines SET heartbeat_at = ? WHERE id = ?"
LIST_ENGINES: Final = """
SELECT id, host, boot, pid, pid_started_at, heartbeat_at FROM engines ORDER BY id
"""
REMOVE_ENGINE: Final = "DELETE FROM engines WHERE id = ?"
DECLARE_LOST: Final = "DELETE FROM engines WHERE id = ? AND heartbeat_at = ?"

# -- parked ----------------------------------------------------------------------------------

NOTE_PARKED: Final = """
INSERT OR REPLACE INTO parked (execution, engine, at, seq, problem)
SELECT id, ?, ?, seq, ? FROM executions WHERE id = ?
"""
LIST_PARKED: Final = """
SELECT execution, engine, at, problem FROM parked
JOIN executions ON executions.id = parked.execution AND executions.seq = parked.seq
WHERE ?1 IS NULL OR execution = ?1
ORDER BY execution
"""

# -- logs ------------------------------------------------------------------------------------

APPEND_LOG: Final = """
INSERT INTO logs (execution, task, visit, attempt, stream, at, text)
VALUES (?, ?, ?, ?, ?, ?, ?)
"""
READ_LOG: Final = """
SELECT number, execution, task, visit, attempt, stream, at, text FROM logs
WHERE execution = :execution AND number > :after AND (:task IS NULL OR task = :task)
ORDER BY number LIMIT :limit
"""

# -- pruning ---------------------------------------------------------------------------------

_AND_BELOW: Final = """
    UNION
    SELECT below.id FROM tree JOIN executions AS below ON below.parent = tree.id
"""
# What is young is not even looked at: `created_at` has an index. A tree must be old throughout.
_OLD: Final = """
AS top WHERE created_at < :before AND settled AND updated_at < :before
AND NOT EXISTS (SELECT 1 FROM executions AS above WHERE above.id = top.parent)
AND NOT EXISTS (
    WITH RECURSIVE tree (id) AS (SELECT top.id
"""
_IN_WHOLE: Final = """
    )
    SELECT 1 FROM tree JOIN executions AS one ON one.id = tree.id
    WHERE NOT one.settled OR one.updated_at >= :before OR one.created_at >= :before
    OR EXISTS (SELECT 1 FROM work WHERE work.execution = one.id)
)
"""
_PRUNABLE: Final = _EXECUTION + _OLD + _AND_BELOW + _IN_WHOLE
# `statuses` is a list in JSON; an empty one means any.
_OF_STATUS: Final = """
AND (:statuses = '[]' OR status IN (SELECT value FROM json_each(:statuses)))
ORDER BY created_at, id LIMIT :limit
"""
FIND_PRUNABLE: Final = _PRUNABLE + _OF_STATUS
IS_PRUNABLE: Final = _PRUNABLE + " AND id = :id"
_COUNTED: Final = ") SELECT one.id, one.seq FROM tree JOIN executions AS one ON one.id = tree.id"
READ_TREE: Final = "WITH RECURSIVE tree (id) AS (SELECT :top" + _AND_BELOW + _COUNTED
PRUNE: Final = (
    "DELETE FROM events WHERE execution = ?",
    "DELETE FROM snapshots WHERE execution = ?",
    "DELETE FROM logs WHERE execution = ?",
    "DELETE FROM parked WHERE execution = ?",
    "DELETE FROM executions WHERE id = ?",
)
VALUES_USED: Final = "SELECT sha256 FROM value_uses WHERE execution = ?"
PRUNE_VALUE_USES: Final = "DELETE FROM value_uses WHERE execution = ?"
PRUNE_VALUE: Final = """
DELETE FROM big_values WHERE sha256 = ?1
AND NOT EXISTS (SELECT 1 FROM value_uses WHERE value_uses.sha256 = ?1)
"""
PRUNE_DEFINITIONS: Final = """
DELETE FROM definitions
WHERE NOT EXISTS (SELECT 1 FROM executions WHERE definition = definitions.hash)
"""

# -- health ----------------------------------------------------------------------------------

COUNT_ALL: Final = """
SELECT
    (SELECT count(*) FROM executions), (SELECT count(*) FROM events), (SELECT count(*) FROM work)
"""
#: Each gives (execution, what is wrong), and nothing where all is well.
FINDINGS: Final = (
    """
SELECT execution, 'has ' || count(*) || ' events, numbered from ' || min(seq) || ' to ' || max(seq)
FROM events GROUP BY execution HAVING min(seq) <> 1 OR max(seq) <> count(*)
""",
    """
SELECT id, 'should have ' || executions.seq || ' events and has ' || count(events.seq)
FROM executions LEFT JOIN events ON events.execution = executions.id
GROUP BY id HAVING count(events.seq) <> executions.seq
""",
    """
SELECT DISTINCT execution, 'has events and no row'
FROM events WHERE execution NOT IN (SELECT id FROM executions)
""",
    """
SELECT id, 'has a definition that is missing'
FROM executions WHERE definition NOT IN (SELECT hash FROM definitions)
""",
    """
SELECT DISTINCT execution, 'is settled and has outstanding work'
FROM work WHERE execution IN (SELECT id FROM executions WHERE settled)
""",
    """
SELECT DISTINCT execution, 'has outstanding work and no row'
FROM work WHERE execution NOT IN (SELECT id FROM executions)
""",
    """
SELECT execution, 'has a snapshot of ' || snapshots.seq || ' events, which it never had'
FROM snapshots LEFT JOIN executions ON id = execution
WHERE id IS NULL OR snapshots.seq > executions.seq
""",
    """
SELECT DISTINCT execution, 'refers to a value that is missing'
FROM value_uses WHERE sha256 NOT IN (SELECT sha256 FROM big_values)
""",
)

# -- keys ------------------------------------------------------------------------------------

PUT_KEY: Final = """
INSERT INTO keys (name, value, updated_at) VALUES (?, ?, ?)
ON CONFLICT (name) DO UPDATE SET value = excluded.value, updated_at = excluded.updated_at
"""
# One list in one value, so that it is one statement however many names there are.
GET_KEYS: Final = """
SELECT name, value, updated_at FROM keys WHERE name IN (SELECT value FROM json_each(?))
"""
LIST_KEYS: Final = """
SELECT name, value, updated_at FROM keys
WHERE name >= :prefix AND name < :prefix || char(0x10FFFF)
ORDER BY name LIMIT :limit
"""
DELETE_KEY: Final = "DELETE FROM keys WHERE name = ?"
