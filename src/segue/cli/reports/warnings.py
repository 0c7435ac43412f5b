"""What `doctor` warns of: nothing is wrong yet, and somebody should look."""

from collections.abc import Sequence

from segue.cli.reports.holders import engine_words
from segue.cli.terminal.amounts import size_text
from segue.cli.terminal.times import date_text, duration_text
from segue.runtime.records.surveying import Survey
from segue.store.port import ExecutionRow, Health

#: So far may the clocks of several machines be apart.
_SKEW_SECONDS = 5.0
#: Nobody runs this before it was written.
_EARLIEST = 1_735_689_600.0
#: With less, the next backup or a busy hour may fill the disk.
_LITTLE_BYTES = 200 * 1024**2
#: How many ids are worth reading.
_NAMED = 3
#: Settings of databases with which a power failure may take back what was acknowledged.
_UNSAFE = {
    "synchronous": ("off", "normal"),
    "journal_mode": ("off", "memory"),
    "fsync": ("off",),
    "full_page_writes": ("off",),
}


def warnings_of(health: Health, survey: Survey, free: int | None, now: float) -> list[str]:
    """Return sentences. `free` is how many bytes the disk has left, None: it is not ours."""
    found = [
        f"{name} is {health.settings[name]}: a power failure may take back what was durable"
        for name, unsafe in _UNSAFE.items()
        if health.settings.get(name) in unsafe
    ]
    if free is not None and free < max(_LITTLE_BYTES, health.size_bytes):
        found.append(f"there are only {size_text(free)} left on the disk of the database")
    found += [
        f"an engine is lost: {engine_words(row, now)}; `segue resume` takes over what it has"
        for row in survey.lost
    ]
    if survey.idle:
        found.append(
            f"nobody goes on with {_named(survey.idle)}, the oldest since "
            f"{date_text(survey.idle[0].updated_at)}; `segue resume` does"
        )
    ahead = 0.0 if survey.newest is None else survey.newest - now
    if ahead > _SKEW_SECONDS:
        found.append(f"the clock here is {duration_text(ahead)} behind what others have written")
    if now < _EARLIEST:
        found.append(f"the clock here is wrong: it says {date_text(now)}")
    return found


def _named(rows: Sequence[ExecutionRow]) -> str:
    names = ", ".join(row.id for row in rows[:_NAMED])
    more = len(rows) - _NAMED
    return f"{names} and {more} more" if more > 0 else names
