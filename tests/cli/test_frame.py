"""Drawing over, as it looks on a terminal."""

import io

from tests.cli.fake_terminal import FakeTerminal

from segue.cli.terminal.styled import Part, Role, line
from segue.cli.watch.frame import Frame


class Drawn:
    def __init__(self, width: int = 20) -> None:
        self.stream = io.StringIO()
        self.terminal = FakeTerminal(width)
        self.frame = Frame(self.stream, color=True)

    def draw(self, *texts: str, above: tuple[str, ...] = ()) -> str:
        self.frame.draw(
            [line(text) for text in texts], self.terminal.width, [line(text) for text in above]
        )
        return self.seen()

    def seen(self) -> str:
        self.terminal.feed(self.stream.getvalue())
        self.stream.seek(0)
        self.stream.truncate()
        return self.terminal.text


def test_each_frame_takes_the_place_of_the_last() -> None:
    drawn = Drawn()
    assert drawn.draw("one", "two") == "one\ntwo"
    assert drawn.draw("one", "longer", "three") == "one\nlonger\nthree"
    assert drawn.draw("1") == "1"


def test_lines_above_stay() -> None:
    drawn = Drawn()
    drawn.draw("one", "two")
    drawn.draw("three", above=("notice",))
    assert drawn.draw("four") == "notice\nfour"


def test_frame_that_got_narrower_leaves_no_pieces() -> None:
    drawn = Drawn(width=20)
    drawn.draw("0123456789abcdef", "second")
    drawn.terminal.resize(10)
    assert drawn.draw("short", "second") == "short\nsecond"


def test_what_was_there_before_is_not_touched() -> None:
    drawn = Drawn()
    drawn.terminal.feed("$ segue run\r\n")
    drawn.draw("one", "two")
    assert drawn.draw("three") == "$ segue run\nthree"


def test_cursor_is_hidden_while_drawing_and_given_back() -> None:
    drawn = Drawn()
    drawn.draw("one")
    assert not drawn.terminal.cursor_shown
    drawn.frame.close()
    drawn.frame.close()
    assert drawn.seen() == "one"
    assert drawn.terminal.cursor_shown


def test_each_frame_is_one_write() -> None:
    writes: list[str] = []

    class Stream(io.StringIO):
        def write(self, text: str) -> int:
            writes.append(text)
            return len(text)

    Frame(Stream(), color=False).draw([line("a"), line("b")], 80)
    assert len(writes) == 1


def test_colour_is_only_written_where_it_is_wanted() -> None:
    for color in (True, False):
        stream = io.StringIO()
        Frame(stream, color=color).draw([line(Part("red", Role.BAD))], 80)
        assert ("\x1b[31m" in stream.getvalue()) is color
