"""`segue db`: backups, restoring them, upgrades, and giving space back."""

import asyncio
from collections.abc import Callable
from pathlib import Path

import apsw
import pytest
from tests.cli.typing_shell import Shell

from segue.cli.exit_codes import ExitCode
from segue.runtime.desk.clock import SystemClock
from segue.runtime.desk.identity import identify
from segue.store.sqlite import SqliteStore, schema

WELL = "segue: 1\nname: well\ntasks: {a: {action: core.echo, input: {message: hello}}}\n"


@pytest.fixture
def shell(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Shell:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "well.yaml").write_text(WELL)
    (tmp_path / "segue.toml").write_text('db = "runs.db"\n')
    found = Shell(capsys)
    assert found("run", "well.yaml", "-q") == ExitCode.SUCCEEDED
    return found


def files(pattern: str = "*.db*") -> list[str]:
    return sorted(path.name for path in Path().glob(pattern))


def executions(shell: Shell, *words: str) -> object:
    return shell.document("list", "--json", *words)["total"]


def make_older() -> None:
    """Make the database that an older release has left, of an old schema and empty."""
    Path("runs.db").unlink()
    connection = apsw.Connection("runs.db")
    schema.migrate(connection, schema.known_migrations()[:3], Path("runs.db"))
    connection.close()


def test_a_backup_is_a_database_of_its_own(shell: Shell) -> None:
    assert shell("db", "backup", "copy.db") == ExitCode.SUCCEEDED, shell.err
    assert "copy.db: 1 execution, " in shell.err
    assert shell("run", "well.yaml", "-q") == ExitCode.SUCCEEDED
    assert executions(shell, "--db", "copy.db") == 1
    assert executions(shell) == 2
    assert Path("copy.db").stat().st_mode & 0o777 == 0o600
    assert files() == ["copy.db", "runs.db"], "nothing else is left behind"
    assert files(".*") == []


def test_nothing_is_overwritten_by_a_backup(shell: Shell) -> None:
    Path("copy.db").write_text("mine")
    assert shell("db", "backup", "copy.db") == ExitCode.USAGE
    assert "exists, and nothing is overwritten" in shell.err
    assert Path("copy.db").read_text() == "mine"


def test_what_was_done_since_is_undone_by_a_restore_and_kept(shell: Shell) -> None:
    shell("db", "backup", "copy.db")
    shell("run", "well.yaml", "-q")
    found = shell.document("db", "restore", "copy.db", "--json")
    assert (found["executions"], found["problems"]) == (1, [])
    assert executions(shell) == 1
    assert executions(shell, "--db", str(found["kept"])) == 2
    assert shell("run", "well.yaml", "-q") == ExitCode.SUCCEEDED, "it goes on from there"
    assert shell("doctor") == ExitCode.SUCCEEDED
    assert shell("db", "restore", str(found["kept"])) == ExitCode.SUCCEEDED, shell.err
    assert executions(shell) == 2, "and back again"


def test_a_backup_is_restored_where_there_is_no_database(shell: Shell) -> None:
    shell("db", "backup", "copy.db")
    assert shell("db", "restore", "copy.db", "--db", "deep/down/new.db") == ExitCode.SUCCEEDED
    assert executions(shell, "--db", "deep/down/new.db") == 1
    assert files("deep/down/*") == ["new.db"]


def test_a_log_that_a_former_database_left_is_not_taken_for_one_of_the_backup(
    shell: Shell,
) -> None:
    shell("db", "backup", "copy.db")
    Path("new.db-wal").write_bytes(b"left")
    assert shell("db", "restore", "copy.db", "--db", "new.db") == ExitCode.USAGE
    assert "new.db-wal is left of a database" in shell.err
    assert files("new*") == ["new.db-wal"]


def _damage(at: int) -> Callable[[], None]:
    def write() -> None:
        data = bytearray(Path("copy.db").read_bytes())
        data[at : at + 200] = b"x" * 200
        Path("copy.db").write_bytes(data)

    return write


def _cut() -> None:
    Path("copy.db").write_bytes(Path("copy.db").read_bytes()[:-8192])


def _of_another_program() -> None:
    Path("copy.db").unlink()
    connection = apsw.Connection("copy.db")
    connection.execute("CREATE TABLE theirs (x)")
    connection.close()


def _too_new() -> None:
    connection = apsw.Connection("copy.db")
    connection.execute("INSERT INTO migrations VALUES (99, 'new', 'x')")
    connection.close()


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (_damage(0), "is not a database, or its beginning is damaged"),
        (_damage(4096 * 3), "damaged"),
        (_cut, "damaged"),
        (_of_another_program, "belongs to another program"),
        (_too_new, "has schema 99, this release knows up to"),
        (lambda: Path("copy.db").write_text(""), "There is nothing in the database"),
        (lambda: Path("copy.db").unlink(), "There is no file"),
    ],
)
def test_a_backup_that_is_none_is_refused_and_changes_nothing(
    shell: Shell, spoil: Callable[[], None], said: str
) -> None:
    shell("db", "backup", "copy.db")
    spoil()
    before = Path("runs.db").read_bytes()
    assert shell("db", "restore", "copy.db") == ExitCode.CANNOT_TELL
    assert said in shell.err
    assert Path("runs.db").read_bytes() == before
    assert [name for name in files() if name not in {"copy.db", "runs.db"}] == []
    assert shell("db", "restore", "copy.db", "--db", "new.db") == ExitCode.CANNOT_TELL
    assert not Path("new.db").exists()


def test_a_database_is_not_restored_from_itself(shell: Shell) -> None:
    assert shell("db", "restore", "runs.db") == ExitCode.USAGE
    assert "is the database itself" in shell.err


@pytest.mark.parametrize("words", [("restore", "copy.db"), ("compact",)])
def test_who_has_the_database_open_is_not_disturbed(shell: Shell, words: tuple[str, ...]) -> None:
    shell("db", "backup", "copy.db")

    async def register(store: SqliteStore) -> None:
        await store.add_engine(identify().row(SystemClock().now()))

    with asyncio.Runner() as runner:
        store = runner.run(SqliteStore.open(Path("runs.db")))
        runner.run(register(store))
        assert shell("db", *words) == ExitCode.USAGE
        assert "An engine works on" in shell.err
        assert "hint:" in shell.err
        runner.run(store.close())
    assert files() == ["copy.db", "runs.db"]


def test_where_the_database_is_damaged_it_is_told_what_to_do(shell: Shell) -> None:
    shell("db", "backup", "copy.db")
    Path("runs.db").write_text("damaged" * 1000)
    assert shell("db", "backup", "other.db") == ExitCode.CANNOT_TELL
    assert not Path("other.db").exists()
    assert shell("db", "restore", "copy.db") == ExitCode.CANNOT_TELL
    assert "move it away together with runs.db-wal" in shell.err
    Path("runs.db").unlink()
    assert shell("db", "restore", "copy.db") == ExitCode.SUCCEEDED
    assert executions(shell) == 1


def test_a_backup_that_contradicts_itself_is_made_and_told(shell: Shell) -> None:
    connection = apsw.Connection("runs.db")
    connection.execute("DELETE FROM events WHERE seq = 2")
    connection.close()
    assert shell("db", "backup", "copy.db") == ExitCode.SUCCEEDED
    assert "problem: execution" in shell.err
    assert shell.document("db", "backup", "copy2.db", "--json")["problems"] != []


@pytest.mark.parametrize("file", ["missing/copy.db", "well.yaml/copy.db", "."])
def test_where_nothing_can_be_written_that_is_said(shell: Shell, file: str) -> None:
    assert shell("db", "backup", file) != ExitCode.SUCCEEDED
    assert shell.err.startswith("error: ")
    assert "bug" not in shell.err


def test_an_upgrade_is_shown_made_and_backed_up_before(shell: Shell) -> None:
    make_older()
    names = [step.name.removesuffix(".sql") for step in schema.known_migrations()]
    shown = shell.document("db", "upgrade", "--dry-run", "--json")
    assert (shown["applied"], shown["pending"]) == (names[:3], names[3:])
    assert shown["backup"] is None
    done = shell.document("db", "upgrade", "--json")
    assert done["pending"] == names[3:]
    assert shell.document("db", "upgrade", "--json")["pending"] == []
    assert shell("db", "restore", str(done["backup"])) == ExitCode.SUCCEEDED, shell.err
    assert shell.document("db", "upgrade", "--dry-run", "--json")["pending"] == names[3:]
    assert shell("db", "upgrade") == ExitCode.SUCCEEDED
    assert f"applied {names[3]}" in shell.err
    assert "what was there before is in" in shell.err


def test_the_space_of_what_was_pruned_is_given_back(shell: Shell) -> None:
    message = "x" * 99999
    big = (
        f"segue: 1\nname: big\ntasks: {{a: {{action: core.echo, input: {{message: {message}}}}}}}\n"
    )
    Path("big.yaml").write_text(big)
    shell("run", "big.yaml", "-q")
    assert shell("prune", "--older-than", "0s") == ExitCode.SUCCEEDED
    assert "segue db compact" in shell.err
    found = shell.document("db", "compact", "--json")
    before, after = found["before_bytes"], found["after_bytes"]
    assert isinstance(before, int)
    assert isinstance(after, int)
    assert before - after > 100_000
    assert shell("db", "compact") == ExitCode.SUCCEEDED
    assert shell("run", "well.yaml", "-q") == ExitCode.SUCCEEDED


@pytest.mark.parametrize("words", [("backup", "f"), ("restore", "f"), ("upgrade",), ("compact",)])
def test_what_keeps_nothing_is_refused(shell: Shell, words: tuple[str, ...]) -> None:
    assert shell("db", *words, "--db", ":memory:") == ExitCode.USAGE
    assert "keeps nothing" in shell.err


@pytest.mark.parametrize("words", [("backup", "f"), ("upgrade",), ("compact",)])
def test_a_database_that_is_not_there_is_not_made(shell: Shell, words: tuple[str, ...]) -> None:
    assert shell("db", *words, "--db", "none.db") == ExitCode.CANNOT_TELL
    assert "there is no database at" in shell.err
    assert not Path("none.db").exists()


@pytest.mark.parametrize(
    ("words", "tool"),
    [(("backup", "f"), "pg_dump"), (("restore", "f"), "pg_restore"), (("compact",), "VACUUM")],
)
def test_postgresql_has_its_own_tools(shell: Shell, words: tuple[str, ...], tool: str) -> None:
    url = "postgresql://ann:secret@db.example/runs?schema=mine"
    assert shell("db", *words, "--db", url) == ExitCode.USAGE
    assert tool in shell.err
    assert "secret" not in shell.err
