"""Reading a simple expression: one Pratt parser, and a grammar for each language.

It accepts less than the libraries do, and nothing that they read differently: any doubt ends the
reading, and the expression is left to the library.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from segue.expressions.simple.lexer import Sort, Word, words
from segue.expressions.simple.tree import (
    Attribute,
    Binary,
    Call,
    Choice,
    Element,
    Items,
    Literal,
    Method,
    Name,
    Node,
    Pairs,
    Unary,
)

#: How deep an expression may be nested; deeper ones are the library's.
_DEEPEST: Final = 40


class NotSimpleError(Exception):
    """The expression is left to the library."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Grammar:
    """How a language is written.

    `binary` and `prefix` say how tightly operators bind (more is tighter). Operators in `single`
    are not put in a row: the languages mean different things by that. `constants` are names of
    values, `reserved` names that are never anything but operators, `names` those that can stand
    alone, and with `words` any other name alone is text. `arrow` is between a key and its value.
    `filters` are those that can be behind `|`; `jinja`: there are `a if b else c`, `not in`, and a
    blank before the parenthesis of a call.
    """

    binary: Mapping[str, int]
    prefix: Mapping[str, int]
    single: frozenset[str]
    constants: Mapping[str, object]
    reserved: frozenset[str]
    arrow: str
    names: frozenset[str] = frozenset()
    words: bool = False
    methods: bool = False
    filters: frozenset[str] = frozenset()
    jinja: bool = False


def parse(source: str, grammar: Grammar) -> Node | None:
    """Return what a source says; None if it is not simple."""
    found = words(source)
    if found is None:
        return None
    parser = _Parser(found, grammar)
    try:
        node = parser.whole()
    except NotSimpleError:
        return None
    return node if parser.here.sort is Sort.END else None


class _Parser:
    def __init__(self, found: tuple[Word, ...], grammar: Grammar) -> None:
        self._words = found
        self._at = 0
        self._depth = 0
        self._grammar = grammar

    @property
    def here(self) -> Word:
        """The word that is read next."""
        return self._words[self._at]

    def _next(self) -> Word:
        word = self.here
        self._at += 1
        return word

    def _is(self, *texts: str) -> bool:
        return self.here.sort in {Sort.SIGN, Sort.NAME} and self.here.text in texts

    def _skip(self, text: str) -> bool:
        if self._is(text):
            self._at += 1
            return True
        return False

    def _expect(self, text: str) -> None:
        if not self._skip(text):
            raise NotSimpleError

    def whole(self) -> Node:
        """Read one expression as far as it goes."""
        self._depth += 1
        if self._depth > _DEEPEST:
            raise NotSimpleError
        node = self._operation(0)
        if self._grammar.jinja and self._skip("if"):
            condition = self._operation(0)
            node = Choice(condition, node, self.whole() if self._skip("else") else None)
        self._depth -= 1
        return node

    def _operation(self, tighter_than: int) -> Node:
        node = self._prefixed(tighter_than)
        binds = self._grammar.binary.get(self._operator(), 0)
        while binds > tighter_than:
            operator = self._operator()
            self._at += 2 if operator == "not in" else 1
            node = Binary(operator, node, self._operation(binds))
            following = self._operator()
            if operator in self._grammar.single and following in self._grammar.single:
                raise NotSimpleError
            binds = self._grammar.binary.get(following, 0)
        return node

    def _operator(self) -> str:
        if self.here.sort not in {Sort.SIGN, Sort.NAME}:
            return ""
        if self._grammar.jinja and self._is("not"):
            following = self._words[self._at + 1]
            return "not in" if following == Word(Sort.NAME, "in", following.apart) else ""
        return self.here.text

    def _prefixed(self, tighter_than: int) -> Node:
        if self.here.sort in {Sort.SIGN, Sort.NAME} and self.here.text in self._grammar.prefix:
            operator = self._next().text
            binds = self._grammar.prefix[operator]
            if binds < tighter_than:  # `1 + not 2`: what that is, the languages don't agree on
                raise NotSimpleError
            if operator == "-" and self._is("-"):
                raise NotSimpleError
            operand = self._operation(binds)
            if operator == "-" and isinstance(operand, Method):
                raise NotSimpleError  # in Jinja a filter behind is of the negated value
            return Unary(operator, operand)
        return self._postfixed(self._thing())

    def _thing(self) -> Node:
        word = self._next()
        match word.sort:
            case Sort.NUMBER:
                return Literal(float(word.text) if "." in word.text else int(word.text))
            case Sort.TEXT:
                return Literal(word.text)
            case Sort.NAME:
                return self._name(word.text)
            case Sort.SIGN:
                return self._bracketed(word.text)
        raise NotSimpleError

    def _name(self, name: str) -> Node:
        if name in self._grammar.constants:
            return Literal(self._grammar.constants[name])
        if name in self._grammar.reserved:
            raise NotSimpleError
        if self._calls():
            return Call(name, self._arguments(")"))
        if name in self._grammar.names:
            return Name(name)
        if self._grammar.words and not name.startswith("__"):
            return Literal(name)
        raise NotSimpleError

    def _calls(self) -> bool:
        if not self._is("("):
            return False
        if self.here.apart and not self._grammar.jinja:
            raise NotSimpleError
        self._at += 1
        return True

    def _bracketed(self, sign: str) -> Node:
        if sign == "(":
            node = self.whole()
            self._expect(")")
            return node
        if sign == "[":
            return Items(self._arguments("]"))
        if sign == "{":
            return self._pairs()
        raise NotSimpleError

    def _arguments(self, closing: str) -> tuple[Node, ...]:
        if self._skip(closing):
            return ()
        found = [self.whole()]
        while self._skip(","):
            found.append(self.whole())
        self._expect(closing)
        return tuple(found)

    def _pairs(self) -> Node:
        if self._skip("}"):
            return Pairs(())
        found = [self._pair()]
        while self._skip(","):
            found.append(self._pair())
        self._expect("}")
        return Pairs(tuple(found))

    def _pair(self) -> tuple[str, Node]:
        key = self._thing()
        self._expect(self._grammar.arrow)
        if isinstance(key, Literal) and isinstance(key.value, str):
            return key.value, self.whole()
        raise NotSimpleError

    def _postfixed(self, node: Node) -> Node:
        while True:
            if self._skip("."):
                node = self._attribute(node)
            elif self._skip("["):
                node = Element(node, self.whole())
                self._expect("]")
            else:
                break
        while self._grammar.filters and self._skip("|"):
            node = self._filter(node)
        return node

    def _attribute(self, target: Node) -> Node:
        word = self._next()
        known = word.text in self._grammar.reserved or word.text in self._grammar.constants
        if word.sort is not Sort.NAME or known or word.text.startswith("__"):
            raise NotSimpleError
        if not self._grammar.methods or not self._calls():
            return Attribute(target, word.text)
        return Method(target, word.text, self._arguments(")"))

    def _filter(self, target: Node) -> Node:
        word = self._next()
        if word.sort is not Sort.NAME or word.text not in self._grammar.filters:
            raise NotSimpleError
        return Method(target, word.text, self._arguments(")") if self._skip("(") else ())
