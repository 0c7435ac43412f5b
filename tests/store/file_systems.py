"""File systems for SQLite that fail, or lose what was never forced to the disk."""

import shutil
from collections.abc import Callable
from pathlib import Path

import apsw

#: Is told of each operation, ("write" or "sync", file), before it is done, and may raise.
Watch = Callable[[str, Path], None]


class WatchedFile(apsw.VFSFile):
    """A file of the real file system whose writes and syncs are watched."""

    def __init__(
        self, vfs: "WatchedFileSystem", name: str | apsw.URIFilename | None, flags: list[int]
    ) -> None:
        super().__init__("", name, flags)
        text = name.filename() if isinstance(name, apsw.URIFilename) else (name or "")
        self._path = Path(text)
        self._vfs = vfs

    def xWrite(self, data: bytes, offset: int) -> None:  # noqa: N802 - SQLite's name
        self._vfs.before("write", self._path)
        super().xWrite(data, offset)

    def xSync(self, flags: int) -> None:  # noqa: N802 - as above
        self._vfs.before("sync", self._path)
        super().xSync(flags)
        self._vfs.after_sync(self._path)


class WatchedFileSystem(apsw.VFS):
    """Registered with SQLite under `name` until `unregister`."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.operations: list[tuple[str, str]] = []
        self.read_only = False
        self.watch: Watch = lambda _operation, _path: None
        self.after_sync: Callable[[Path], None] = lambda _path: None
        self.after_removal: Callable[[Path], None] = lambda _path: None
        super().__init__(name, base="")

    def before(self, operation: str, path: Path) -> None:
        self.operations.append((operation, path.name))
        self.watch(operation, path)

    def xDelete(self, name: str, syncdir: bool) -> None:  # noqa: N802, FBT001 - as above
        super().xDelete(name, syncdir)
        if syncdir:
            self.after_removal(Path(name))

    def xOpen(  # noqa: N802 - as above
        self, name: str | apsw.URIFilename | None, flags: list[int]
    ) -> apsw.VFSFile:
        if self.read_only and flags[0] & apsw.SQLITE_OPEN_MAIN_DB:
            flags[0] = flags[0] & ~apsw.SQLITE_OPEN_READWRITE | apsw.SQLITE_OPEN_READONLY
        return WatchedFile(self, name, flags)


class Countdown:
    """Fails one operation, the one that comes after `left` others, and all that follow."""

    def __init__(self, left: int, error: Exception) -> None:
        self._left = left
        self._error = error
        self.failed = False

    def __call__(self, operation: str, path: Path) -> None:
        if self._left == 0:
            self.failed = True
            raise self._error
        self._left -= 1


class DiskImage:
    """What is left of a directory after a power failure: files as they were last forced out.

    All that was written since a file's last sync is taken for lost, and so is a removal that the
    directory was not told to keep.
    """

    def __init__(self, directory: Path, system: WatchedFileSystem) -> None:
        self._directory = directory
        directory.mkdir()
        system.after_sync = self._keep
        system.after_removal = self._remove

    def _keep(self, path: Path) -> None:
        shutil.copyfile(path, self._directory / path.name)

    def _remove(self, path: Path) -> None:
        (self._directory / path.name).unlink(missing_ok=True)

    def copy_to(self, directory: Path) -> None:
        shutil.copytree(self._directory, directory)
