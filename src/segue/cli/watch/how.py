"""How the user wants to watch."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class How:
    """How an execution is watched. `db` is what a proposed command needs to find the database."""

    as_json: bool = False
    exit_on_wait: bool = False
    quiet: bool = False
    db: str = ""
