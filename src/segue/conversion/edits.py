"""Changes of a text that leave everything else in it exactly as it is."""

from dataclasses import dataclass, field


class ClashError(Exception):
    """What is to be written can't be had by changing the text here and there."""


@dataclass(frozen=True, slots=True, order=True)
class _Edit:
    start: int
    end: int
    text: str


@dataclass(slots=True)
class Edits:
    """Replacements of ranges of one text. Offsets are those of the text as it was."""

    text: str
    _edits: dict[_Edit, None] = field(default_factory=dict)

    def replace(self, start: int, end: int, text: str) -> None:
        """Put `text` in the place of a range. The same change twice is one change.

        An alias leads to what its anchor marks, so that a place may be come to again.
        """
        if self.text[start:end] != text:
            self._edits.setdefault(_Edit(start, end, text))

    def insert(self, at: int, text: str) -> None:
        """Put `text` before the character at an offset."""
        self.replace(at, at, text)

    def covers(self, start: int, end: int) -> bool:
        """Say whether all of a range is replaced already."""
        return any(each.start <= start and end <= each.end for each in self._edits)

    def applied(self) -> str:
        """Return the changed text. Raises `ClashError` where two changes are of the same place."""
        parts: list[str] = []
        at = 0
        for edit in sorted(self._edits):
            if edit.start < at:
                raise ClashError
            parts += [self.text[at : edit.start], edit.text]
            at = edit.end
        return "".join([*parts, self.text[at:]])
