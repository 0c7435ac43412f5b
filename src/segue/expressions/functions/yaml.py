"""Functions that read and write YAML 1.1, by the library."""

from collections.abc import Iterable
from functools import lru_cache
from typing import Any, Final

from segue.expressions.functions.function import Function
from segue.expressions.limits import (
    MAX_DIGITS,
    Budget,
    EvaluationError,
    check_text,
    check_width,
    too_much,
)
from segue.expressions.plain import describe, plain

#: What reading or writing a value is worth in steps: the library is slow.
_STEPS_A_VALUE: Final = 8
#: Characters of a text that are read in a step.
_CHARACTERS_A_STEP: Final = 8
#: How deep lists and mappings may be in each other: the library recurses in C, and has no bound.
_DEEPEST: Final = 200
#: Entries of all the mappings that are merged into one by `<<`.
_MOST_MERGED: Final = 10_000


@lru_cache(maxsize=1)
def _library() -> tuple[Any, Any, Any]:
    """Return the library, a loader and a dumper of ours; all of it loads slowly."""
    import yaml  # noqa: PLC0415 - loads slowly

    class Loader(yaml.CSafeLoader):
        """Reads what JSON can hold; a date is the text that it is written as."""

        yaml_implicit_resolvers = {  # noqa: RUF012 - the library's name and its way
            first: [one for one in resolvers if one[0] != "tag:yaml.org,2002:timestamp"]
            for first, resolvers in yaml.CSafeLoader.yaml_implicit_resolvers.items()
        }

        def flatten_mapping(self, node: Any) -> None:
            """Merge mappings, but not so many that each doubles what the last one had."""
            merged = 0
            for key, value in node.value:
                if key.tag == "tag:yaml.org,2002:merge":
                    for one in value.value if isinstance(value, yaml.SequenceNode) else [value]:
                        if isinstance(one, yaml.MappingNode):
                            self.flatten_mapping(one)
                        merged += len(one.value)
                        if merged > _MOST_MERGED:
                            raise too_much("the YAML merges too many mappings")
            super().flatten_mapping(node)

    class Dumper(yaml.CSafeDumper):
        """Writes a value out as often as it is there."""

        def ignore_aliases(self, _data: Any) -> bool:
            """Let nothing be named and pointed to."""
            return True

    return yaml, Loader, Dumper


def _from_yaml_string(budget: Budget, value: Any) -> Any:
    if not isinstance(value, str):
        return value  # as the text of it would be
    budget.spend(len(value) // _CHARACTERS_A_STEP)
    yaml, loader, _ = _library()
    try:
        _look_through(budget, yaml.parse(value, Loader=loader), yaml)
        given = yaml.load(value, Loader=loader)
    except (yaml.YAMLError, ValueError) as error:
        raise EvaluationError(f"the text is not YAML: {_said(error)}") from error
    budget.weigh(given)
    return plain(given, budget)


def _to_yaml_string(
    budget: Budget,
    value: Any,
    indent: Any = None,
    allow_unicode: Any = True,  # noqa: FBT002 - StackStorm's signature
) -> str:
    if isinstance(indent, bool) or not isinstance(indent, int | None):
        raise EvaluationError(f"indent is a number of blanks, not {describe(indent)}")
    check_width(indent, MAX_DIGITS)
    before = budget.left
    budget.weigh(value)
    budget.spend((before - budget.left) * _STEPS_A_VALUE)
    yaml, _, dumper = _library()
    written: str = yaml.dump(
        value,
        Dumper=dumper,
        default_flow_style=False,
        indent=indent,
        allow_unicode=allow_unicode is not False,
    )
    check_text(len(written))
    return written


def _look_through(budget: Budget, events: Iterable[Any], yaml: Any) -> None:
    """Count what a text holds, and how deep, before anything is made of it."""
    depth = 0
    for event in events:
        budget.spend(_STEPS_A_VALUE)
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
            if depth > _DEEPEST:
                raise too_much(f"the YAML is nested deeper than {_DEEPEST}")
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1


def _said(error: Exception) -> str:
    """Return what is wrong and where, in one line."""
    problem, mark = getattr(error, "problem", None), getattr(error, "problem_mark", None)
    if problem is None or mark is None:
        return " ".join(str(error).split())
    return f"{problem} (line {mark.line + 1}, column {mark.column + 1})"


YAML_FUNCTIONS: Final = (
    Function.of("from_yaml_string", _from_yaml_string, helper=True),
    Function.of("yaml_parse", _from_yaml_string, helper=True),
    Function.of("to_yaml_string", _to_yaml_string, helper=True),
    Function.of("yaml_dump", _to_yaml_string, helper=True),
)
