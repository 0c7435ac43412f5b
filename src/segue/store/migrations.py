"""Numbered steps of a schema, which are never changed once released."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.resources import files


@dataclass(frozen=True, slots=True, kw_only=True)
class Migration:
    """A step of the schema. `number` counts from 1 without a gap."""

    number: int
    name: str
    sql: str

    @property
    def sha256(self) -> str:
        """The checksum that the database keeps of it."""
        return hashlib.sha256(self.sql.encode()).hexdigest()


def known_migrations(package: str) -> Sequence[Migration]:
    """Return the migrations that this release brings in the folder of a package, in order."""
    found = sorted(
        files(package).joinpath("migrations").iterdir(),
        key=lambda file: file.name,
    )
    return [
        Migration(number=int(file.name[:4]), name=file.name, sql=file.read_text("utf-8"))
        for file in found
        if file.name.endswith(".sql")
    ]
