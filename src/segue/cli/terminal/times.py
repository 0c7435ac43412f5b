"""Instants and durations as people and programs read them."""

from datetime import UTC, datetime

_MINUTE = 60
_HOUR = 3600
_DAY = 86400


def iso_text(instant: float) -> str:
    """Return an instant (seconds since the epoch) as ISO 8601 in UTC, to the microsecond."""
    moment = datetime.fromtimestamp(instant, UTC)
    return moment.isoformat(timespec="microseconds").replace("+00:00", "Z")


def stamp_text(instant: float) -> str:
    """Return an instant in UTC for the name of a file: "20261121T030846.922Z"."""
    moment = datetime.fromtimestamp(instant, UTC)
    return f"{moment:%Y%m%dT%H%M%S}.{moment.microsecond // 1000:03d}Z"


def clock_text(instant: float) -> str:
    """Return an instant as the local time of day: "12:03:04"."""
    return datetime.fromtimestamp(instant, UTC).astimezone().strftime("%H:%M:%S")


def date_text(instant: float) -> str:
    """Return an instant as the local date and time: "2026-11-21 12:03:04"."""
    return datetime.fromtimestamp(instant, UTC).astimezone().strftime("%Y-%m-%d %H:%M:%S")


def exact_text(instant: float) -> str:
    """Return an instant as the local date and time to the millisecond."""
    moment = datetime.fromtimestamp(instant, UTC).astimezone()
    return moment.strftime("%Y-%m-%d %H:%M:%S.") + f"{moment.microsecond // 1000:03d}"


def due_text(instant: float, now: float) -> str:
    """Return when something is due: the time of day, with the date if that is not today."""
    far = abs(instant - now) >= _DAY
    return date_text(instant) if far else clock_text(instant)


def duration_text(seconds: float) -> str:
    """Return a duration as "0.4s", "41.3s", "1m 05s", "2h 03m" or "3d 04h"."""
    tenths = max(0, round(seconds * 10))
    if tenths < _MINUTE * 10:
        return f"{tenths / 10:.1f}s"
    whole = tenths // 10
    if whole < _HOUR:
        return f"{whole // _MINUTE}m {whole % _MINUTE:02d}s"
    if whole < _DAY:
        return f"{whole // _HOUR}h {whole % _HOUR // _MINUTE:02d}m"
    return f"{whole // _DAY}d {whole % _DAY // _HOUR:02d}h"


def remaining_text(seconds: float) -> str:
    """Return what is left of a wait, in whole seconds rounded up, never less than zero."""
    left = max(0.0, seconds)
    whole = int(left) + (left > int(left))
    return f"{whole}s" if whole < _MINUTE else duration_text(whole)
