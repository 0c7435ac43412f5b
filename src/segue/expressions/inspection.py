"""What can be said of the expressions of a template without evaluating them."""

import re
from collections.abc import Iterator

from segue.expressions.attune.inspection import Used, uses
from segue.expressions.dialect import Dialect
from segue.expressions.errors import ExpressionError, Reason
from segue.expressions.findings import ExpressionFinding, ItemUse, Reference
from segue.expressions.scope import Facts, Scope
from segue.expressions.segments import (
    Kind,
    Segment,
    has_expression,
    has_statement,
    is_mixed,
    segments,
)
from segue.expressions.simple.jinja import compile_simple
from segue.expressions.strings import Path, strings
from segue.expressions.template import compile_template, text_evaluator
from segue.expressions.tokens import Token, is_private, tokenize
from segue.values import JsonValue

_STATEMENT = re.compile(r"\{%.*?%\}", re.DOTALL)
_RAW = re.compile(r"\{%-?\s*raw\s*-?%\}.*?\{%-?\s*endraw\s*-?%\}", re.DOTALL)
_ASKING = frozenset({"task", "task_status"})
_OF_ITEMS = frozenset({"item", "index"})
#: The names that may stand in an expression that gives the same value everywhere.
_WORDS = frozenset({"true", "false", "null", "none", "True", "False", "None"})


def inspect_template(value: JsonValue) -> tuple[ExpressionFinding, ...]:
    """Return all that is wrong with the expressions of a value. Never raises.

    Reason SYNTAX: it can't be compiled. Reason UNDEFINED: a function, filter or name that does
    not exist, or a private variable.
    """
    found: list[ExpressionFinding] = []
    for path, text in strings(value):
        if has_expression(text):
            found += _inspected(path, text)
    return tuple(found)


def _inspected(path: Path, text: str) -> Iterator[ExpressionFinding]:
    if is_mixed(text):
        message = "a text can't have expressions of both languages"
        yield _finding(message, Reason.SYNTAX, path, (0, len(text)))
        return
    try:
        text_evaluator(text)
    except ExpressionError as error:
        yield _finding(error.message, error.reason, path, (error.start, error.end))
        yield from _also_misspelt(path, text, error.start)
        return
    if has_statement(text):
        yield from _wrong_in_jinja(path, Segment(Kind.JINJA, text, 0, len(text), 0))
    else:
        for part in segments(text):
            wrong = _wrong_in_jinja if part.kind is Kind.JINJA else _wrong_in_yaql
            yield from wrong(path, part)
    for part in _parts(text):
        for reference in _read(path, part):
            if is_private(reference.name):
                yield _finding(
                    f"the variable {reference.name!r} is private: it begins with two underscores",
                    Reason.UNDEFINED,
                    path,
                    (reference.start, reference.end),
                    reference.name,
                )


def _also_misspelt(path: Path, text: str, first: int) -> Iterator[ExpressionFinding]:
    """Return the syntax errors behind the first one: each expression has its own."""
    if has_statement(text):
        return
    for part in segments(text):
        if part.start > first:
            try:
                text_evaluator(text[part.start : part.end])
            except ExpressionError as error:
                span = (part.start + error.start, part.start + error.end)
                yield _finding(error.message, error.reason, path, span)


def _wrong_in_jinja(path: Path, part: Segment) -> Iterator[ExpressionFinding]:
    if compile_simple(part.source) is not None:
        return  # we know all that is in it; and most files need no more, so Jinja isn't loaded
    from segue.expressions.jinja.program import look_through  # noqa: PLC0415 - loads slowly

    for problem in look_through(part.source, statements=part.end - part.start == len(part.source)):
        start = part.offset + max(part.source.find(problem.name, problem.at), problem.at)
        span = (start, start + len(problem.name))
        yield _finding(problem.message, Reason.UNDEFINED, path, span, problem.name)


def _wrong_in_yaql(path: Path, part: Segment) -> Iterator[ExpressionFinding]:
    from segue.expressions.yaql.language import unknown  # noqa: PLC0415 - loads slowly

    for name, message in unknown(part.source):
        found = re.search(rf"\b{name}\s*\(", part.source)
        start = part.offset + (found.start() if found else 0)
        yield _finding(message, Reason.UNDEFINED, path, (start, start + len(name)), name)


def _finding(
    message: str, reason: Reason, path: Path, span: tuple[int, int], name: str | None = None
) -> ExpressionFinding:
    return ExpressionFinding(
        message=message, reason=reason, path=path, start=span[0], end=span[1], name=name
    )


def references(value: JsonValue) -> tuple[Reference, ...]:
    """Return the variables of the context that the expressions of a value read, in order."""
    return tuple(
        reference
        for path, text in strings(value)
        if has_expression(text)
        for part in _parts(text)
        for reference in _read(path, part)
    )


def observed_tasks(value: JsonValue, dialect: Dialect = Dialect.MIXED) -> frozenset[str] | None:
    """Return the tasks that expressions ask about; None: some name is not known before it runs."""
    if dialect is Dialect.PLAIN:
        return frozenset()
    if dialect is Dialect.ATTUNE:
        tasks = frozenset(each.name for each in uses(value) if each.used is Used.TASK)
        return None if "" in tasks else tasks
    asked: set[str] = set()
    for _, text in strings(value):
        if not has_expression(text):
            continue
        for part in _parts(text):
            names = _asked(part)
            if names is None:
                return None
            asked |= names
    return frozenset(asked)


def item_uses(value: JsonValue) -> tuple[ItemUse, ...]:
    """Return where the expressions of a value ask for the item of a list or its index, in order."""
    return tuple(
        use
        for path, text in strings(value)
        if has_expression(text)
        for part in _parts(text)
        for use in _used(path, part)
    )


def constant(text: str) -> JsonValue:
    """Return the value of a text whose expressions are made of literals and operators alone.

    Of any other text, and where there is an error in it, the text itself.
    """
    if has_statement(text) or not all(_is_constant(part) for part in segments(text)):
        return text
    try:
        return compile_template(text).evaluate(Scope(context={}, facts=Facts(now=0)))
    except ExpressionError:
        return text


def _is_constant(part: Segment) -> bool:
    tokens = tokenize(part.source)
    return tokens is not None and all(
        token.value in _WORDS if token.sort == "name" else token.value != "$" for token in tokens
    )


def _parts(text: str) -> Iterator[Segment]:
    text = _RAW.sub(lambda raw: " " * len(raw.group()), text)
    yield from segments(text)
    if has_statement(text):
        for match in _STATEMENT.finditer(text):
            start, end = match.span()
            yield Segment(Kind.JINJA, text[start + 2 : end - 2], start, end, start + 2)


def _asked(part: Segment) -> frozenset[str] | None:
    tokens = tokenize(part.source)
    if tokens is None:
        return None if re.search(r"\btask(_status)?\b", part.source) else frozenset()
    names = set()
    for index, token in enumerate(tokens):
        if token.sort == "name" and token.value in _ASKING and not _follows_dot(tokens, index):
            argument = _only_argument(tokens, index + 1, part.kind)
            if argument is None:
                return None
            names.add(str(argument.value))
    return frozenset(names)


def _only_argument(tokens: list[Token], index: int, kind: Kind) -> Token | None:
    """Return the constant that is the only argument of a call, if it is that."""
    if [token.value for token in tokens[index : index + 1]] != ["("]:
        return None
    if [token.value for token in tokens[index + 2 : index + 3]] != [")"]:
        return None
    token = tokens[index + 1]
    constant = token.sort == "string" or (token.sort == "name" and kind is Kind.YAQL)
    return token if constant else None


def _follows_dot(tokens: list[Token], index: int) -> bool:
    return index > 0 and tokens[index - 1].value in {".", "|"}


def _read(path: Path, part: Segment) -> Iterator[Reference]:
    tokens = tokenize(part.source) or []
    for index, token in enumerate(tokens):
        if token.sort != "name" or token.value != "ctx" or _follows_dot(tokens, index):
            continue
        found = _reference(path, part, tokens, index + 1)
        if found is not None:
            yield found


def _used(path: Path, part: Segment) -> Iterator[ItemUse]:
    tokens = tokenize(part.source) or []
    for index, token in enumerate(tokens):
        called = [following.value for following in tokens[index + 1 : index + 2]] == ["("]
        if token.sort != "name" or token.value not in _OF_ITEMS or not called:
            continue
        if _follows_dot(tokens, index):
            continue
        function = str(token.value)
        yield ItemUse(
            function=function,
            path=path,
            start=part.offset + token.start,
            end=part.offset + token.end,
            part=_reference(path, part, tokens, index + 1) if function == "item" else None,
        )


def _reference(path: Path, part: Segment, tokens: list[Token], index: int) -> Reference | None:
    """Return what is read of the mapping that a function gives, whose name stands before."""
    found = _variable(tokens, index, part.kind)
    if found is None:
        return None
    name, after = found
    return Reference(
        name=str(name.value),
        path=path,
        start=part.offset + name.start,
        end=part.offset + name.end,
        optional=part.kind is Kind.JINJA and _is_optional(tokens, after),
    )


def _variable(tokens: list[Token], index: int, kind: Kind) -> tuple[Token, int] | None:
    """Return the word that names the variable read from `ctx`, and the index behind it."""
    argument = _only_argument(tokens, index, kind)
    if argument is not None:
        return argument, index + 3
    if [token.value for token in tokens[index : index + 2]] == ["(", ")"]:
        index += 2
    elif kind is Kind.YAQL:
        return None
    following = tokens[index : index + 3]
    if len(following) >= 2 and following[0].value == "." and following[1].sort == "name":
        called = len(following) == 3 and following[2].value == "("
        return None if called else (following[1], index + 2)
    if [token.sort for token in following] == ["operator", "string", "operator"]:
        return (following[1], index + 3) if following[0].value == "[" else None
    return None


def _is_optional(tokens: list[Token], index: int) -> bool:
    values = [token.value for token in tokens[index : index + 3]]
    return values[:2] in (
        ["|", "default"],
        ["|", "d"],
        ["is", "defined"],
        ["is", "undefined"],
    ) or values == ["is", "not", "defined"]
