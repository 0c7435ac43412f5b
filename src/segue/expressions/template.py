"""Templates: values whose strings may hold expressions, compiled once."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import lru_cache

from segue.expressions.attune.language import compile_attune
from segue.expressions.attune.values import text_of
from segue.expressions.dialect import Dialect
from segue.expressions.errors import ExpressionError, FactMissingError, Reason
from segue.expressions.given import Given
from segue.expressions.limits import (
    MAX_SOURCE,
    MAX_TEXT,
    Budget,
    EvaluationError,
    MisspeltError,
)
from segue.expressions.plain import key_text, plain
from segue.expressions.scope import References, Scope
from segue.expressions.segments import (
    Kind,
    Segment,
    attune_segments,
    has_expression,
    has_statement,
    segments,
)
from segue.expressions.simple import jinja as simple_jinja
from segue.expressions.simple import yaql as simple_yaql
from segue.expressions.simple.tree import Closure, UnsureError
from segue.expressions.strings import Path
from segue.values import JsonValue

Evaluator = Callable[[Scope], JsonValue]
Run = Callable[[Scope, Budget], object]

_CACHED_TEXTS = 4_096
_LONGEST_MESSAGE = 500


class CompiledTemplate:
    """A template, compiled: it can be evaluated any number of times, and never changes."""

    __slots__ = ("_evaluate", "_value")

    def __init__(self, value: JsonValue, evaluate: Evaluator | None) -> None:
        self._value = value
        self._evaluate = evaluate

    def evaluate(self, scope: Scope) -> JsonValue:
        """Return the value. What the data hold is never evaluated.

        Raises `ExpressionError` with the place in the template, and `FactMissingError`.
        """
        return self._value if self._evaluate is None else self._evaluate(scope)


def compile_template(
    value: JsonValue,
    dialect: Dialect = Dialect.MIXED,
    given: tuple[tuple[str, JsonValue], ...] = (),
) -> CompiledTemplate:
    """Compile every string in a value, keys too. Raises `ExpressionError`, reason SYNTAX.

    `given` are templates by name: variables that the expressions see beside those of the context,
    each made when it is asked for.
    """
    evaluate = _compiled(value, (), dialect)
    if evaluate is None or not given:
        return CompiledTemplate(value, evaluate)
    more = tuple((name, compile_template(one, dialect).evaluate) for name, one in given)
    return CompiledTemplate(
        value, lambda scope: evaluate(replace(scope, context=Given(more, scope)))
    )


def _compiled(value: JsonValue, path: Path, dialect: Dialect) -> Evaluator | None:
    if isinstance(value, str):
        return _compiled_text(value, path, dialect) if has_expression(value) else None
    if isinstance(value, Mapping):
        return _compiled_mapping(value, path, dialect)
    if isinstance(value, list | tuple):
        return _compiled_list(value, path, dialect)
    return None


def _compiled_mapping(
    value: Mapping[str, JsonValue], path: Path, dialect: Dialect
) -> Evaluator | None:
    entries = [
        (key, _key(key, (*path, key), dialect), item, _compiled(item, (*path, key), dialect))
        for key, item in value.items()
    ]
    if all(key is None and item is None for _, key, _, item in entries):
        return None

    def evaluate(scope: Scope) -> JsonValue:
        made: dict[str, JsonValue] = {}
        for key, key_of, item, item_of in entries:
            name = key if key_of is None else key_of(scope)
            made[name] = item if item_of is None else item_of(scope)
        return made

    return evaluate


def _key(key: str, path: Path, dialect: Dialect) -> Callable[[Scope], str] | None:
    evaluate = _compiled(key, path, dialect)
    if evaluate is None:
        return None

    def made(scope: Scope) -> str:
        value = evaluate(scope.with_references(References.FOLLOWED))
        try:
            return key_text(value)
        except EvaluationError as error:
            raise ExpressionError(
                error.message,
                reason=error.reason,
                expression=key,
                path=path,
                start=0,
                end=len(key),
            ) from error

    return made


def _compiled_list(
    value: list[JsonValue] | tuple[JsonValue, ...], path: Path, dialect: Dialect
) -> Evaluator | None:
    items = [(item, _compiled(item, (*path, index), dialect)) for index, item in enumerate(value)]
    if all(item_of is None for _, item_of in items):
        return None

    def evaluate(scope: Scope) -> JsonValue:
        return [item if item_of is None else item_of(scope) for item, item_of in items]

    return evaluate


def _compiled_text(text: str, path: Path, dialect: Dialect) -> Evaluator | None:
    try:
        evaluate = text_evaluator(text, dialect)
    except ExpressionError as error:
        raise _at(error, path) from None

    if evaluate is None:
        return None

    def located(scope: Scope) -> JsonValue:
        try:
            return evaluate(scope)
        except ExpressionError as error:
            raise _at(error, path) from error.__cause__

    return located


def _at(error: ExpressionError, path: Path) -> ExpressionError:
    return ExpressionError(
        error.message,
        reason=error.reason,
        expression=error.expression,
        path=path,
        start=error.start,
        end=error.end,
    )


@lru_cache(maxsize=_CACHED_TEXTS)
def text_evaluator(text: str, dialect: Dialect = Dialect.MIXED) -> Evaluator | None:
    """Return what evaluates one string; None: there is no expression of the dialect in it.

    Raises `ExpressionError` without a path.
    """
    if dialect is not Dialect.MIXED:
        return _attune_evaluator(text) if dialect is Dialect.ATTUNE else None
    if has_statement(text):
        return _evaluator(text, Segment(Kind.JINJA, text, 0, len(text), 0), statements=True)
    parts = segments(text)
    if len(parts) == 1 and parts[0].start == 0 and parts[0].end == len(text):
        return _evaluator(text, parts[0], statements=False)
    return _text_around(text, parts, str)


def _attune_evaluator(text: str) -> Evaluator | None:
    parts = attune_segments(text)
    if not parts:
        return None
    if len(parts) == 1 and text.strip() == text[parts[0].start : parts[0].end]:
        return _evaluator(text, parts[0], statements=False)
    return _text_around(text, parts, text_of)


def _text_around(
    text: str, parts: tuple[Segment, ...], written: Callable[[JsonValue], str]
) -> Evaluator:
    pieces: list[str | Evaluator] = []
    position = 0
    for part in parts:
        pieces += [text[position : part.start], _evaluator(text, part, statements=False)]
        position = part.end
    pieces.append(text[position:])

    def evaluate(scope: Scope) -> JsonValue:
        scope = scope.with_references(References.FOLLOWED)
        made = [piece if isinstance(piece, str) else written(piece(scope)) for piece in pieces]
        if sum(map(len, made)) > MAX_TEXT:
            message = f"the text would be longer than {MAX_TEXT:,} characters"
            raise _error(text, parts[0], message, Reason.LIMIT)
        return "".join(made)

    return evaluate


def _evaluator(text: str, part: Segment, *, statements: bool) -> Evaluator:
    """Return what evaluates one expression of a text, or a text with statements."""
    if len(part.source) > MAX_SOURCE:
        message = f"an expression can't be longer than {MAX_SOURCE:,} characters"
        raise _misspelt(text, part, message, None)
    try:
        run = _run(part, statements=statements)
    except MisspeltError as error:
        raise _misspelt(text, part, error.message, error.at) from None
    except EvaluationError as error:
        return _refusing(text, part, error)
    except (RecursionError, MemoryError):
        raise _misspelt(text, part, "it is nested too deep", None) from None

    def evaluate(scope: Scope) -> JsonValue:
        budget = Budget()
        try:
            return plain(run(scope, budget), budget, leaves_undefined=scope.leaves_undefined)
        except FactMissingError:
            raise
        except EvaluationError as error:
            raise _error(text, part, error.message, error.reason) from error
        except (RecursionError, MemoryError, OverflowError) as error:
            message = f"it takes too much ({type(error).__name__})"
            raise _error(text, part, message, Reason.LIMIT) from error
        except Exception as error:
            # Whatever a library raises, the expression or its data are at fault.
            message = f"{type(error).__name__}: {error}"
            raise _error(text, part, message, Reason.EVALUATION) from error

    return evaluate


def _refusing(text: str, part: Segment, error: EvaluationError) -> Evaluator:
    """Return the evaluator of what can be parsed and can't be run, such as an unknown filter."""

    def evaluate(_: Scope) -> JsonValue:
        raise _error(text, part, error.message, error.reason)

    return evaluate


def _run(part: Segment, *, statements: bool) -> Run:
    if part.kind is Kind.ATTUNE:
        return compile_attune(part.source)
    compile_ours = (
        simple_yaql.compile_simple if part.kind is Kind.YAQL else simple_jinja.compile_simple
    )
    ours = None if statements else compile_ours(part.source)
    return _by_library(part, statements=statements) if ours is None else _ours_first(part, ours)


def _ours_first(part: Segment, ours: Closure) -> Run:
    library: list[Run] = []

    def run(scope: Scope, budget: Budget) -> object:
        try:
            return ours(scope)
        except UnsureError:
            pass
        # Compiled only now, for what is simple hardly ever needs the library, which loads slowly.
        if not library:
            library.append(_by_library(part, statements=False))
        return library[0](scope, budget)

    return run


def _by_library(part: Segment, *, statements: bool) -> Run:
    if part.kind is Kind.YAQL:
        from segue.expressions.yaql.language import compile_yaql  # noqa: PLC0415 - loads slowly

        return compile_yaql(part.source)
    from segue.expressions.jinja.program import compile_jinja  # noqa: PLC0415 - loads slowly

    return compile_jinja(part.source, statements=statements)


def _misspelt(text: str, part: Segment, message: str, at: int | None) -> ExpressionError:
    start = part.start if at is None else part.offset + at
    return ExpressionError(
        message,
        reason=Reason.SYNTAX,
        expression=text[part.start : part.end],
        start=start,
        end=part.end if at is None else max(min(start + 1, part.end), start),
    )


def _error(text: str, part: Segment, message: str, reason: Reason) -> ExpressionError:
    if len(message) > _LONGEST_MESSAGE:  # a library may have written out the data
        message = f"{message[:_LONGEST_MESSAGE]} ..."
    return ExpressionError(
        message,
        reason=reason,
        expression=text[part.start : part.end],
        start=part.start,
        end=part.end,
    )
