"""`did you mean ...?`: the known word that an unknown one is most likely meant to be."""

from collections.abc import Iterable
from difflib import get_close_matches


def closest(word: str, known: Iterable[str]) -> str | None:
    """Return the known word nearest to `word`, or None when none is near."""
    words = {candidate.casefold(): candidate for candidate in known}
    folded = word.casefold()
    spellings = (folded, folded.replace("-", "_"), folded.replace("_", "-"), f"{folded}s")
    for spelling in spellings:
        if spelling in words and words[spelling] != word:
            return words[spelling]
    near = get_close_matches(folded[:64], words, n=1, cutoff=0.65)
    return words[near[0]] if near else None


def did_you_mean(word: str, known: Iterable[str]) -> str | None:
    """Return the question that asks for the nearest known word, or None."""
    nearest = closest(word, known)
    return f"did you mean `{nearest}`?" if nearest is not None else None
