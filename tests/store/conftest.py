"""Tests of the stores that are not for all of them: mostly of what goes wrong with SQLite."""

from collections.abc import Callable
from pathlib import Path

import apsw
import pytest
from tests.contract.running import run_if_coroutine, runner

__all__ = ["runner"]

Sql = Callable[..., list[tuple[object, ...]]]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "segue.db"


@pytest.fixture
def sql(path: Path) -> Sql:
    """Do something to the file behind the back of the store."""

    def execute(statement: str, *bindings: str | float | bytes | None) -> list[tuple[object, ...]]:
        connection = apsw.Connection(str(path))
        try:
            return list(connection.execute(statement, bindings).fetchall())
        finally:
            connection.close()

    return execute


@pytest.hookimpl(tryfirst=True)
def pytest_pyfunc_call(pyfuncitem: pytest.Function) -> bool | None:
    return run_if_coroutine(pyfuncitem)
