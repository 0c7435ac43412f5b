"""Names that are not known, and the ones that may have been meant."""

from collections.abc import Iterable
from difflib import get_close_matches


def suggested(name: object, known: Iterable[object]) -> str:
    """Return a question after the name that may have been meant, or nothing."""
    near = get_close_matches(str(name), [str(one) for one in known], 1)
    return f"; did you mean {near[0]!r}?" if near else ""
