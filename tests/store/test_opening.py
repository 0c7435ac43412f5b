"""Which store a URL means."""

from pathlib import Path

import pytest

from segue.store.memory import MemoryStore
from segue.store.opening import is_server, location, open_store, sqlite_path
from segue.store.port import StoreError
from segue.store.sqlite import SqliteStore


@pytest.mark.parametrize(
    ("url", "path"),
    [
        ("runs.db", "runs.db"),
        ("./a:b.db", "./a:b.db"),
        ("/var/lib/segue/runs.db", "/var/lib/segue/runs.db"),
        ("runs and more?.db", "runs and more?.db"),
        ("sqlite:runs.db", "runs.db"),
        ("sqlite:/var/lib/runs.db", "/var/lib/runs.db"),
        ("SQLite:///runs.db", "runs.db"),
        ("sqlite:////var/lib/runs.db", "/var/lib/runs.db"),
    ],
)
def test_a_path_is_a_sqlite_file(url: str, path: str) -> None:
    assert sqlite_path(url) == Path(path)


@pytest.mark.parametrize("url", ["~/runs.db", "sqlite:~/runs.db", "sqlite:///~/runs.db"])
def test_a_tilde_is_the_home_directory(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/home/somebody")
    assert sqlite_path(url) == Path("/home/somebody/runs.db")


@pytest.mark.parametrize("url", [":memory:", "sqlite::memory:", "sqlite:///:memory:"])
def test_the_memory_is_no_file(url: str) -> None:
    assert sqlite_path(url) is None


@pytest.mark.parametrize(
    "url",
    [
        "",
        "sqlite:",
        "sqlite:///",
        "sqlite://host/runs.db",
        "sqlite:runs.db?mode=ro",
        "directory/",
        "nul\0.db",
        "mysql://user:secret@host/db",
        "file:runs.db",
        "a:b.db",
    ],
)
def test_anything_else_is_refused_with_the_forms_that_are_known(url: str) -> None:
    with pytest.raises(StoreError) as caught:
        sqlite_path(url)
    assert caught.value.code == "store_url"
    assert "runs.db" in str(caught.value), "it says what to write instead"
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize("scheme", ["postgresql", "postgres", "PostgreSQL"])
def test_a_server_is_no_file(scheme: str) -> None:
    url = f"{scheme}://user:secret@host/db"
    assert sqlite_path(url) is None
    assert is_server(url)
    assert not is_server("postgres.db")


def test_a_location_is_shown_without_the_password() -> None:
    assert location("runs.db") == "runs.db"
    assert location(":memory:") == ":memory:"
    assert location("postgresql://ann:secret@db:5433/runs?schema=ops&sslmode=require") == (
        "postgresql://ann@db:5433/runs?schema=ops"
    )
    assert location("postgresql:///runs?password=secret") == "postgresql://localhost/runs"


async def test_a_server_needs_a_package_and_says_which(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("segue.store.opening.find_spec", lambda _name: None)
    with pytest.raises(StoreError, match=r"pip install 'segue\[postgres\]'") as caught:
        await open_store("postgresql://host/db")
    assert caught.value.code == "store_library"


async def test_the_store_that_the_url_names_is_opened(tmp_path: Path) -> None:
    kept = await open_store(str(tmp_path / "runs.db"))
    assert isinstance(kept, SqliteStore)
    await kept.close()
    assert isinstance(await open_store(":memory:"), MemoryStore)
