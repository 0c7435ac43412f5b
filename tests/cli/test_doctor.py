"""`segue doctor`: what it warns of, and what it calls a problem."""

from dataclasses import replace
from pathlib import Path

import apsw
import pytest
from tests.cli.typing_shell import Shell
from tests.contract.changes import change, engine, timer
from tests.runtime.fakes import in_loop

from segue.cli.exit_codes import ExitCode
from segue.cli.reports.warnings import warnings_of
from segue.core.status import Status
from segue.runtime.records.surveying import Survey, survey
from segue.store.memory import MemoryStore
from segue.store.port import EngineRow, Health, NewWork, WorkKind

WAITING = """
segue: 1
name: waiting
tasks: {a: {action: core.noop, delay: 3600}, b: {action: core.ask}}
"""
NOW = 1_800_000_000.0
HEALTH = Health(
    backend="sqlite",
    location="x",
    version="3",
    schema=1,
    executions=0,
    events=0,
    outstanding=0,
    size_bytes=10**9,
    problems=(),
)
NOTHING = Survey(engines=(), lost=(), idle=(), stuck=(), parked=(), questions=0, newest=None)


@pytest.fixture
def shell(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Shell:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "waiting.yaml").write_text(WAITING)
    (tmp_path / "segue.toml").write_text('db = "runs.db"\n')
    return Shell(capsys)


def test_what_nobody_goes_on_with_and_questions_are_told(shell: Shell) -> None:
    assert shell("run", "waiting.yaml", "-q", "--exit-on-wait") == ExitCode.WAITING, shell.err
    found = shell.document("doctor", "--json")
    [row] = shell.rows("list", "executions")
    assert found["idle"] == [row["id"]]
    assert found["idle_since"] == row["updated_at"]
    assert (found["questions"], found["stuck"], found["well"]) == (1, [], True)
    database = found["database"]
    assert isinstance(database, dict)
    assert database["settings"] == {"journal_mode": "wal", "synchronous": "full"}
    assert isinstance(database["disk_free_bytes"], int)
    assert shell("doctor") == ExitCode.SUCCEEDED, "it is no problem"
    assert f"warning: nobody goes on with {row['id']}" in shell.out
    assert "1 wait for an answer" in shell.out


def test_what_can_never_move_again_is_a_problem(shell: Shell) -> None:
    shell("run", "waiting.yaml", "-q", "--exit-on-wait")
    connection = apsw.Connection("runs.db")
    connection.execute("DELETE FROM work")
    connection.close()
    assert shell("doctor") == ExitCode.FAILED
    assert "is going on and has nothing to do" in shell.out


def test_what_an_engine_can_not_go_on_with_is_a_problem(shell: Shell) -> None:
    shell("run", "waiting.yaml", "-q", "--exit-on-wait")
    connection = apsw.Connection("runs.db")
    connection.execute(
        "INSERT INTO parked SELECT id, 'e1', 5.0, seq, 'it is broken' FROM executions"
    )
    connection.close()
    [row] = shell.rows("list", "executions")
    assert shell("doctor") == ExitCode.FAILED
    assert f"problem: execution {row['id']} can't go on: it is broken" in shell.out
    assert shell.document("doctor", "--json")["parked"] == [row["id"]]


def test_where_there_is_no_database_yet_the_rest_is_told(shell: Shell) -> None:
    found = shell.document("doctor", "--json")
    assert (found["well"], found["idle"], found["warnings"]) == (True, [], [])
    assert shell("doctor", "--db", "deep/down/none.db") == ExitCode.SUCCEEDED
    assert "it does not exist yet" in shell.out


@in_loop
async def test_what_living_engines_have_and_questions_and_what_is_paused_is_not_idle() -> None:
    store = MemoryStore()
    await store.add_engine(engine("alive"))
    await store.add_engine(engine("silent"))
    question = NewWork(name="ask#1.1", kind=WorkKind.QUESTION, data=b"{}")
    await store.commit(
        [
            change("held", new_work=["a#1.1"], by="alive"),
            change("partly", new_work=["a#1.1"], by="alive"),
            change("lost", new_work=["a#1.1"], by="silent", created_at=900.0),
            change("free", new_work=[timer("t", 5.0)], by=None, created_at=800.0),
            change("asks", new_work=[question], by="silent", status=Status.PENDING),
            change("paused", new_work=[timer("t", 5.0)], by=None, status=Status.PAUSED),
            change("done", settled=True, status=Status.SUCCEEDED),
            change("stuck"),
        ]
    )
    await store.commit([change("partly", after=1, new_work=["b#1.1"], by="silent")])

    def lives(row: EngineRow) -> bool:
        return row.id == "alive"

    found = await survey(store, lives, 1000.0)
    assert [row.id for row in found.idle] == ["free", "lost"], "the oldest first"
    assert [row.id for row in found.engines] == ["alive"]
    assert [row.id for row in found.lost] == ["silent"]
    assert list(found.stuck) == ["stuck"]
    assert found.questions == 1


@pytest.mark.parametrize(
    ("health", "seen", "free", "now", "said"),
    [
        (HEALTH, NOTHING, None, NOW, []),
        (HEALTH, NOTHING, 10**10, NOW, []),
        (HEALTH, NOTHING, 5, NOW, ["there are only 5 B left on the disk of the database"]),
        (HEALTH, replace(NOTHING, newest=NOW + 4), None, NOW, []),
        (
            HEALTH,
            replace(NOTHING, newest=NOW + 60),
            None,
            NOW,
            ["the clock here is 1m 00s behind what others have written"],
        ),
        (HEALTH, NOTHING, None, 0.0, ["the clock here is wrong: it says 1970-01-01 00:00:00"]),
        (
            replace(HEALTH, settings={"fsync": "off", "synchronous_commit": "on"}),
            NOTHING,
            None,
            NOW,
            ["fsync is off: a power failure may take back what was durable"],
        ),
        (
            HEALTH,
            replace(NOTHING, lost=[engine("e", NOW - 90)]),
            None,
            NOW,
            [
                (
                    "an engine is lost: process 4711 on host (last heard 1m 30s ago); "
                    "`segue resume` takes over what it has"
                )
            ],
        ),
    ],
)
def test_each_warning_has_its_reason(
    health: Health, seen: Survey, free: int | None, now: float, said: list[str]
) -> None:
    assert warnings_of(health, seen, free, now) == said


def test_many_are_counted_and_not_named() -> None:
    rows = [change(f"x{n}", created_at=NOW).row for n in range(5)]
    [said] = warnings_of(HEALTH, replace(NOTHING, idle=rows), None, NOW + 10)
    assert said.startswith("nobody goes on with x0, x1, x2 and 2 more, the oldest since ")
