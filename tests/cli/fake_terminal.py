"""As much of a terminal as Segue uses, so that tests see what people would see."""

import re

_TOKEN = re.compile(r"\x1b\[(\??)([0-9;]*)([A-Za-z])|\r\n|\n|\r|[^\x1b\r\n]+")


class FakeTerminal:
    """Takes what a program writes, and has lines. It breaks lines at its width as terminals do."""

    def __init__(self, width: int = 80) -> None:
        self.width = width
        self.rows: list[str] = [""]
        self.row = 0
        self.column = 0
        self.cursor_shown = True
        self.colored = False

    @property
    def text(self) -> str:
        """What stands on it, without spaces at the ends of lines."""
        return "\n".join(row.rstrip() for row in self.rows).rstrip("\n")

    def feed(self, written: str) -> None:
        """Take what a program has written."""
        for token in _TOKEN.finditer(written):
            if token[3]:
                self._obey(private=bool(token[1]), numbers=token[2], letter=token[3])
            elif token[0] in {"\n", "\r\n"}:
                self._down()
            elif token[0] == "\r":
                self.column = 0
            else:
                self._write(token[0])

    def resize(self, width: int) -> None:
        """Break what stands on it anew: as a terminal whose window got narrower."""
        assert self.column == 0, "the cursor rests at the beginning of a line"
        rows: list[str] = []
        for index, row in enumerate(self.rows):
            if index == self.row:
                self.row = len(rows)
            text = row.rstrip()
            pieces = [text[start : start + width] for start in range(0, len(text), width)]
            rows += pieces or [""]
        self.rows = rows
        self.width = width

    def _obey(self, *, private: bool, numbers: str, letter: str) -> None:
        if private:
            if numbers == "25":
                self.cursor_shown = letter == "h"
        elif letter == "A":
            self.row = max(0, self.row - int(numbers or 1))
        elif letter == "K":
            self.rows[self.row] = self.rows[self.row][: self.column]
        elif letter == "J":
            self.rows[self.row] = self.rows[self.row][: self.column]
            del self.rows[self.row + 1 :]
        elif letter == "m":
            self.colored = True
        else:
            raise AssertionError(f"unknown code {letter!r}")

    def _down(self) -> None:
        self.row += 1
        self.column = 0
        if self.row == len(self.rows):
            self.rows.append("")

    def _write(self, text: str) -> None:
        for character in text:
            if self.column == self.width:
                self._down()
            row = self.rows[self.row].ljust(self.column)
            self.rows[self.row] = row[: self.column] + character + row[self.column + 1 :]
            self.column += 1
