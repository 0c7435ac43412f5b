"""How long typical expressions take: as compiled by us, and as the libraries do them.

    python benchmarks/expressions.py

Times are for one evaluation, the best of five rounds, compiled before.
"""

from __future__ import annotations

import timeit
from collections.abc import Callable

from segue.expressions.jinja.program import compile_jinja
from segue.expressions.limits import Budget
from segue.expressions.scope import Facts, Scope
from segue.expressions.simple import jinja as simple_jinja
from segue.expressions.simple import yaql as simple_yaql
from segue.expressions.yaql.language import compile_yaql

SCOPE = Scope(
    context={
        "seen": 3,
        "attempts": 30,
        "url": "http://localhost:8080/health",
        "server": {"name": "web1", "tags": ["a", "b"], "load": {"one": 0.5}},
        "hosts": [f"host{number}" for number in range(20)],
    },
    facts=Facts(now=0.0),
    task="probe",
    status="succeeded",
    result={"status_code": 200, "body": {"state": "ok"}},
)
JINJA = (
    "ctx().url",
    "ctx.server.load.one",
    "ctx().seen + 1",
    "ctx().seen + 1 >= ctx().attempts",
    "succeeded() and result().status_code == 200",
    "'ok' if result().body.state == 'ok' else 'down'",
    "'host3' in ctx().hosts",
    "{'name': ctx().server.name, 'tags': ctx().server.tags}",
)
YAQL = (
    "ctx().url",
    "ctx(server).load.one",
    "ctx().seen + 1",
    "ctx().seen + 1 >= ctx().attempts",
    "succeeded() and result().status_code = 200",
    "host3 in ctx().hosts",
    "ctx().server.get(name)",
    "{name => ctx().server.name, tags => ctx().server.tags}",
)
ROUNDS = 5


def microseconds(run: Callable[[], object], times: int) -> float:
    """Return how long one run takes, undisturbed."""
    return min(timeit.repeat(run, number=times, repeat=ROUNDS)) / times * 1e6


def row(
    source: str,
    ours: Callable[[Scope], object] | None,
    library: Callable[[Scope, Budget], object],
    times: int,
) -> None:
    """Measure and print one expression."""
    assert ours is not None, f"{source} is not simple"
    closure = microseconds(lambda: ours(SCOPE), 20_000)
    slow = microseconds(lambda: library(SCOPE, Budget()), times)
    print(f"{closure:>10.2f} {slow:>12.2f} {slow / closure:>8.0f}x  {source}")


def main() -> None:
    """Print a table for each language."""
    for language in ("Jinja", "YAQL"):
        print(f"\n{'ours, us':>10} {language + ', us':>12} {'ratio':>9}  expression")
        if language == "Jinja":
            for source in JINJA:
                library = compile_jinja(source, statements=False)
                row(source, simple_jinja.compile_simple(source), library, 5_000)
        else:
            for source in YAQL:
                row(source, simple_yaql.compile_simple(source), compile_yaql(source), 200)


if __name__ == "__main__":
    main()
