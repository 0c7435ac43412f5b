"""Compiling and running what only Jinja itself can: importing this module imports Jinja."""

from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import Any, Final

import jinja2
from jinja2 import nodes
from jinja2.exceptions import TemplateSyntaxError
from jinja2.lexer import TokenStream
from jinja2.parser import Parser

from segue.expressions.errors import Reason
from segue.expressions.jinja.filters import filters
from segue.expressions.jinja.sandbox import Missing, Sandbox, Variety, as_text
from segue.expressions.jinja.tree import Preparation, Problem, problems
from segue.expressions.limits import (
    Budget,
    EvaluationError,
    MisspeltError,
    check_text,
    undefined,
)
from segue.expressions.scope import Scope

#: The name that the compiled code gives the value of an expression.
_VALUE: Final = "_value"

Run = Callable[[Scope, Budget], Any]


class _Located(Sandbox):
    """Parses with the offset of each token in the place of its line, for errors to be exact."""

    def _tokenize(
        self,
        source: str,
        name: str | None,
        filename: str | None = None,
        state: str | None = None,
    ) -> TokenStream:
        located = _located(self.lexer.tokeniter(source, name, filename, state), source)
        return TokenStream(self.lexer.wrap(located, name, filename), name, filename)


def _located(tokens: Iterator[tuple[int, str, str]], source: str) -> Iterator[tuple[int, str, str]]:
    at = 0
    try:
        for _line, kind, text in tokens:
            # Blanks that were trimmed away are in no token: look for where this one goes on.
            at = max(source.find(text, at), at)
            yield at, kind, text
            at += len(text)
    except TemplateSyntaxError as error:
        error.lineno = at
        raise


@lru_cache(maxsize=1)
def sandbox() -> Sandbox:
    """Return the one environment."""
    made = _Located(
        undefined=Missing,
        finalize=as_text,
        optimized=False,
        trim_blocks=True,
        lstrip_blocks=True,
        cache_size=0,
    )
    made.globals.clear()
    made.filters = filters()
    return made


def parse(source: str, *, statements: bool) -> nodes.Template:
    """Return what the source says; an expression becomes an assignment of its value.

    Raises `MisspeltError`.
    """
    environment = sandbox()
    try:
        if statements:
            tree = Parser(environment, source).parse()
        else:
            parser = Parser(environment, source, state="variable")
            value = parser.parse_expression()
            if not parser.stream.eos:
                parser.fail(
                    f"unexpected {parser.stream.current.value!r}", parser.stream.current.lineno
                )
            target = nodes.Name(_VALUE, "store", lineno=1)
            tree = nodes.Template([nodes.Assign(target, value, lineno=1)], lineno=1)
    except TemplateSyntaxError as error:
        message = error.message or "it can't be read"
        raise MisspeltError(_readable(message), min(error.lineno, len(source))) from None
    except (RecursionError, MemoryError):
        raise MisspeltError("it is nested too deep", 0) from None
    return tree.set_environment(environment)  # type: ignore[return-value]  # the tree itself


def _readable(message: str) -> str:
    """Say it as people do."""
    if message.startswith("Expected an expression, got"):
        return "something is missing at the end"
    return message[:1].lower() + message[1:]


def look_through(source: str, *, statements: bool) -> tuple[Problem, ...]:
    """Return what will fail in an expression that can be parsed. Raises `MisspeltError`."""
    return tuple(problems(parse(source, statements=statements), sandbox()))


def compile_jinja(source: str, *, statements: bool) -> Run:
    """Return what evaluates the source. Raises `MisspeltError`, `EvaluationError`."""
    tree = parse(source, statements=statements)
    try:
        for problem in problems(tree, sandbox()):
            if problem.fatal:
                raise undefined(problem.message)
        template = sandbox().from_string(Preparation().visit(tree))
    except (RecursionError, MemoryError, SyntaxError) as error:
        raise MisspeltError("it is nested too deep", 0) from error
    return _rendering(template) if statements else _evaluation(template)


def _context(template: jinja2.Template, scope: Scope, budget: Budget) -> Variety:
    context = template.new_context({}, shared=True)
    assert isinstance(context, Variety)
    context.scope = scope
    context.budget = budget
    return context


def _evaluation(template: jinja2.Template) -> Run:
    def run(scope: Scope, budget: Budget) -> Any:
        context = _context(template, scope, budget)
        put_out = list(template.root_render_func(context))
        assert not put_out, "an assignment puts nothing out"
        return context.vars[_VALUE]

    return _explained(run)


def _rendering(template: jinja2.Template) -> Run:
    def run(scope: Scope, budget: Budget) -> Any:
        texts: list[str] = []
        length = 0
        for text in template.root_render_func(_context(template, scope, budget)):
            length += len(text)
            check_text(length)
            budget.spend(1)
            texts.append(text)
        return "".join(texts)

    return _explained(run)


def _explained(run: Run) -> Run:
    def explained(scope: Scope, budget: Budget) -> Any:
        try:
            return run(scope, budget)
        except jinja2.UndefinedError as error:
            raise undefined(str(error)) from error
        except jinja2.TemplateRuntimeError as error:
            raise EvaluationError(str(error), reason=Reason.EVALUATION) from error

    return explained
