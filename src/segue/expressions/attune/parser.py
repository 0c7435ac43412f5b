"""Reading an expression of Attune.

From the loosest to the tightest: `? :`, `or`, `and`, `not`, comparisons and `in`, `+ -`, `* / %`,
unary `-`, and then `.field`, `[key]`, `(arguments)` and `|filter`. Comparisons in a row are taken
from the left. Filters and `? :` are in Attune's older documentation only.
"""

from typing import Final

from segue.expressions.attune.tree import (
    Binary,
    Call,
    Choice,
    Element,
    Field,
    Items,
    Literal,
    Name,
    Node,
    Unary,
)
from segue.expressions.attune.words import Sort, Word, words
from segue.expressions.limits import MisspeltError

#: How deep an expression may be nested.
_DEEPEST: Final = 60

_CONSTANTS: Final = {"true": True, "false": False, "null": None}
_OPERATORS: Final = frozenset({"and", "or", "not", "in"})
_COMPARING: Final = frozenset({"==", "!=", "<", ">", "<=", ">=", "in"})


def parse(source: str) -> Node:
    """Return what a source says. Raises `MisspeltError`."""
    reader = _Reader(words(source))
    node = reader.whole()
    reader.expect_end()
    return node


class _Reader:
    def __init__(self, found: tuple[Word, ...]) -> None:
        self._words = found
        self._at = 0
        self._depth = 0

    @property
    def _here(self) -> Word:
        return self._words[self._at]

    def _next(self) -> Word:
        word = self._here
        if word.sort is not Sort.END:
            self._at += 1
        return word

    def _is(self, *texts: str) -> bool:
        return self._here.sort in {Sort.SIGN, Sort.NAME} and self._here.text in texts

    def _skip(self, text: str) -> bool:
        if self._is(text):
            self._at += 1
            return True
        return False

    def _expect(self, text: str) -> None:
        if not self._skip(text):
            raise self._unexpected(f"{text!r} is missing before {self._here.text!r}")

    def expect_end(self) -> None:
        """Raise `MisspeltError` unless everything has been read."""
        if self._here.sort is not Sort.END:
            raise self._unexpected(f"unexpected {self._here.text!r}")

    def _unexpected(self, message: str) -> MisspeltError:
        if self._here.sort is Sort.END:
            message = "something is missing at the end"
        return MisspeltError(message, self._here.start)

    def whole(self) -> Node:
        """Read one expression as far as it goes."""
        self._deeper()
        node = self._or()
        if self._skip("?"):
            this = self.whole()
            self._expect(":")
            node = Choice(node, this, self.whole())
        self._depth -= 1
        return node

    def _deeper(self) -> None:
        self._depth += 1
        if self._depth > _DEEPEST:
            raise MisspeltError("it is nested too deep", self._here.start)

    def _or(self) -> Node:
        node = self._and()
        while self._skip("or"):
            node = Binary("or", node, self._and())
        return node

    def _and(self) -> Node:
        node = self._not()
        while self._skip("and"):
            node = Binary("and", node, self._not())
        return node

    def _not(self) -> Node:
        if not self._skip("not"):
            return self._comparison()
        self._deeper()
        node = Unary("not", self._not())
        self._depth -= 1
        return node

    def _comparison(self) -> Node:
        node = self._sum()
        while self._is(*_COMPARING) or self._is_not_in():
            operator = self._next().text
            if operator == "not":
                self._next()
                node = Unary("not", Binary("in", node, self._sum()))
            else:
                node = Binary(operator, node, self._sum())
        return node

    def _is_not_in(self) -> bool:
        return self._is("not") and self._words[self._at + 1].text == "in"

    def _sum(self) -> Node:
        node = self._product()
        while self._is("+", "-"):
            node = Binary(self._next().text, node, self._product())
        return node

    def _product(self) -> Node:
        node = self._signed()
        while self._is("*", "/", "%"):
            node = Binary(self._next().text, node, self._signed())
        return node

    def _signed(self) -> Node:
        if not self._skip("-"):
            return self._postfixed()
        self._deeper()
        node = Unary("-", self._signed())
        self._depth -= 1
        return node

    def _postfixed(self) -> Node:
        node = self._thing()
        while True:
            if self._skip("."):
                word = self._next()
                if word.sort is not Sort.NAME:
                    raise MisspeltError("the name of a field is missing", word.start)
                node = Field(node, word.text, word.start, word.end)
            elif self._skip("["):
                node = Element(node, self.whole())
                self._expect("]")
            elif self._skip("|"):
                node = self._filtered(node)
            else:
                return node

    def _filtered(self, target: Node) -> Node:
        word = self._next()
        if word.sort is not Sort.NAME:
            raise MisspeltError("the name of a filter is missing", word.start)
        arguments, named = self._arguments() if self._skip("(") else ((), ())
        return Call(word.text, (target, *arguments), named, word.start, word.end, filter=True)

    def _thing(self) -> Node:
        word = self._here
        if word.sort in {Sort.NUMBER, Sort.TEXT}:
            return Literal(self._next().value)
        if word.sort is Sort.NAME and word.text not in _OPERATORS:
            return self._named(self._next())
        if self._skip("("):
            node = self.whole()
            self._expect(")")
            return node
        if self._skip("["):
            return self._items()
        raise self._unexpected(f"unexpected {word.text!r}")

    def _named(self, word: Word) -> Node:
        if word.text in _CONSTANTS:
            return Literal(_CONSTANTS[word.text])
        if self._skip("("):
            arguments, named = self._arguments()
            return Call(word.text, arguments, named, word.start, word.end)
        return Name(word.text, word.start, word.end)

    def _items(self) -> Node:
        found: list[Node] = []
        while not self._skip("]"):
            found.append(self.whole())
            if not self._skip(","):
                self._expect("]")
                break
        return Items(tuple(found))

    def _arguments(self) -> tuple[tuple[Node, ...], tuple[tuple[str, Node], ...]]:
        found: list[Node] = []
        named: list[tuple[str, Node]] = []
        if self._skip(")"):
            return (), ()
        while True:
            word = self._here
            if word.sort is Sort.NAME and self._words[self._at + 1].text == "=":
                self._at += 2
                named.append((word.text, self.whole()))
            elif named:
                raise MisspeltError("an argument without a name stands behind one with", word.start)
            else:
                found.append(self.whole())
            if not self._skip(","):
                self._expect(")")
                return tuple(found), tuple(named)
