"""The expressions recorded from Orquesta give what they gave there: every one that is required."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from segue.expressions import ExpressionError, Reason, compile_template, inspect_template
from segue.expressions.scope import CurrentItem, Facts, Scope, TaskRecord

CORPUS = Path(__file__).parents[3] / "shared/conformance/corpus/suite/expressions"
FILES = sorted(CORPUS.glob("*.json"))

#: Where Segue does not do as Orquesta: data are not evaluated, keys with two underscores are
#: private, and what is not deterministic or not of one language is not compared.
EXCLUDED = frozenset({"evaluates-data", "private-key", "random", "mixed-languages"})

OWN = ("__current_task", "__current_item", "__state")


def required(file: Path) -> Iterator[dict[str, Any]]:
    for case in json.loads(file.read_text(encoding="utf-8")):
        if not EXCLUDED & set(case.get("tags", [])) and not fails_in_its_data(case):
            yield case


def fails_in_its_data(case: dict[str, Any]) -> bool:
    """Whether Orquesta evaluated an expression in the data, and that failed."""
    return "error" in case and "test_eval_recursive_undefined" in case["source"]


def statuses(state: dict[str, Any], route: int) -> dict[str, str]:
    """The statuses of the tasks as seen from a route: its own, or of one that it continues."""
    routes = state.get("routes") or [[]]
    here = set(map(str, routes[route])) if route < len(routes) else set()
    seen = [route]
    seen += [r for r in range(route - 1, -1, -1) if set(map(str, routes[r])) <= here]
    found: dict[str, str] = {}
    for route_ in seen:
        for uid, index in (state.get("tasks") or {}).items():
            name, number = uid.rsplit("__r", 1)
            entry = state["sequence"][index]
            if int(number) == route_ and entry and entry.get("status") is not None:
                found.setdefault(name, entry["status"])
    return found


def scope_of(case: dict[str, Any]) -> Scope:
    data = case.get("data") or {}
    task = data.get("__current_task") or {}
    known = statuses(data["__state"], task.get("route") or 0) if data.get("__state") else {}
    return Scope(
        context={name: value for name, value in data.items() if name not in OWN},
        facts=Facts(now=0.0),
        task=task.get("id"),
        status=known.get(task.get("id", "")),
        result=task.get("result"),
        tasks={name: TaskRecord(status=status) for name, status in known.items()},
        item=CurrentItem(value=data["__current_item"], index=0)
        if "__current_item" in data
        else None,
    )


def canonical(value: Any) -> str:
    """Text that is equal only for equal values of equal types: 1, 1.0, true and "1" differ."""
    return json.dumps(value, sort_keys=True, ensure_ascii=False)


def difference(case: dict[str, Any]) -> str | None:
    statement = case["statement"]
    if case["fn"].endswith("validate"):
        result = case.get("result")
        wanted = bool(result["errors"] if isinstance(result, dict) else result)
        findings = [one for one in inspect_template(statement) if one.reason is Reason.SYNTAX]
        return None if bool(findings) == wanted else f"{statement!r}: findings {findings}"
    wanted_text = "an error" if "error" in case else canonical(case["result"])
    try:
        got = canonical(compile_template(statement).evaluate(scope_of(case)))
    except ExpressionError as error:
        got = "an error"
        if got != wanted_text:
            got += f" ({error.message})"
    if got == wanted_text:
        return None
    return f"{case['source']}: {statement!r}\n  wanted {wanted_text}\n  got    {got}"


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_expressions_give_what_they_gave_in_orquesta(file: Path) -> None:
    differences = [text for case in required(file) if (text := difference(case))]

    assert not differences, "\n".join(differences[:10])
