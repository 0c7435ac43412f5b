"""What somebody may have meant by a name that does not exist."""

from collections.abc import Iterable
from difflib import get_close_matches


def did_you_mean(name: str, candidates: Iterable[str]) -> str:
    """Return "; did you mean `x`?" for the closest candidate, "" if none is close."""
    close = get_close_matches(name, sorted(set(candidates)), n=1)
    return f"; did you mean `{close[0]}`?" if close else ""
