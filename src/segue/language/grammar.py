"""The words of the native language: one table for the parser, its messages and the JSON Schema.

Everything that a file may say natively is a `Key` of a `Section`. The parser refuses what is not
in the table and what is not of the shape it names; `segue schema` prints the same table for
editors. Neither has a list of its own, so they can't disagree.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from segue.language.durations import LONGEST, PATTERN
from segue.values import JsonObject


class Is(StrEnum):
    """What a YAML value can be."""

    NULL = "null"
    BOOLEAN = "boolean"
    INTEGER = "integer"
    NUMBER = "number"
    TEXT = "string"
    LIST = "array"
    MAPPING = "object"


ANYTHING: Final = frozenset(Is)


@dataclass(frozen=True, slots=True)
class Shape:
    """What a key's value may be: in words, by its types, and as JSON Schema."""

    words: str
    kinds: frozenset[Is]
    schema: JsonObject


@dataclass(frozen=True, slots=True, kw_only=True)
class Key:
    """One word of the language, and what it takes.

    `hint` is what to do where the value is of another type; `built` is False for what is still
    refused.
    """

    name: str
    shape: Shape
    about: str
    required: bool = False
    hint: str | None = None
    built: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """A mapping with known keys. `owner` names it in messages: "`dO` is not a key of a task"."""

    name: str
    owner: str
    about: str
    keys: Mapping[str, Key]


def _section(name: str, owner: str, about: str, *keys: Key) -> Section:
    return Section(name=name, owner=owner, about=about, keys={key.name: key for key in keys})


def _refers(name: str) -> JsonObject:
    return {"$ref": f"#/definitions/{name}"}


def _shape(words: str, schema: JsonObject, *kinds: Is) -> Shape:
    return Shape(words, frozenset(kinds), schema)


_NONEMPTY: Final[JsonObject] = {"type": "string", "minLength": 1}
_EXPRESSION: Final[JsonObject] = {"type": "string", "pattern": r"\{\{|<%"}
#: An expression and nothing around it: its value keeps its type.
_WHOLE_PATTERN: Final = r"(\{\{[\s\S]*\}\}|<%[\s\S]*%>)\s*$"
_WHOLE: Final[JsonObject] = {"type": "string", "pattern": rf"^\s*{_WHOLE_PATTERN}"}
_NAMED: Final[JsonObject] = {
    "type": "string",
    "pattern": rf"^\s*([^\s,{{<]+(\s*,\s*[^\s,{{<]+)*\s+in\s+)?{_WHOLE_PATTERN}",
}

TEXT: Final = _shape("text", {"type": "string"}, Is.TEXT)
ANY: Final = Shape("any value", ANYTHING, {})
BOOLEAN: Final = _shape("`true` or `false`", {"type": "boolean"}, Is.BOOLEAN)
LIST: Final = _shape("a list", {"type": "array"}, Is.LIST)
COUNT: Final = _shape("a whole number, 0 or more", {"type": "integer", "minimum": 0}, Is.INTEGER)
NUMBER: Final = _shape("a number", {"type": "number"}, Is.INTEGER, Is.NUMBER)
COUNT_OR_EXPRESSION: Final = _shape(
    "a whole number, 0 or more, or an expression",
    {"anyOf": [{"type": "integer", "minimum": 0}, _WHOLE]},
    Is.INTEGER,
    Is.TEXT,
)
POSITIVE_OR_EXPRESSION: Final = _shape(
    "a whole number, 1 or more, or an expression",
    {"anyOf": [{"type": "integer", "minimum": 1}, _WHOLE]},
    Is.INTEGER,
    Is.TEXT,
)
CONDITION: Final = _shape("an expression, with or without its braces", _NONEMPTY, Is.TEXT)
DURATION: Final = _shape(
    "a duration such as `10s` or `1h30m`, a number of seconds, or an expression",
    {
        "anyOf": [
            {"type": "number", "minimum": 0, "maximum": LONGEST},
            {"type": "string", "pattern": PATTERN},
            _EXPRESSION,
        ]
    },
    Is.INTEGER,
    Is.NUMBER,
    Is.TEXT,
)
DURATION_LIMIT: Final = _shape(
    "a duration such as `1h`, a number of seconds, or `unlimited`",
    {
        "anyOf": [
            {"type": "number", "exclusiveMinimum": 0, "maximum": LONGEST},
            {"type": "string", "pattern": PATTERN},
            {"const": "unlimited"},
        ]
    },
    Is.INTEGER,
    Is.NUMBER,
    Is.TEXT,
)
VISITS_LIMIT: Final = _shape(
    "a whole number, 1 or more, or `unlimited`",
    {"anyOf": [{"type": "integer", "minimum": 1}, {"const": "unlimited"}]},
    Is.INTEGER,
    Is.TEXT,
)
JOIN: Final = _shape(
    "`all`, `any`, or how many tasks to wait for",
    {"anyOf": [{"enum": ["all", "any"]}, {"type": "integer", "minimum": 1}]},
    Is.INTEGER,
    Is.TEXT,
)
NAMES: Final = _shape(
    "the name of a task, or a list of names",
    {
        "anyOf": [
            _NONEMPTY,
            {"type": "array", "items": _NONEMPTY, "minItems": 1, "uniqueItems": True},
        ]
    },
    Is.TEXT,
    Is.LIST,
)
ITEM_NAMES: Final = _shape("a name, or a list of names", NAMES.schema, Is.TEXT, Is.LIST)
VARIABLES: Final = _shape(
    "a mapping from names to values, or a list of such mappings with one entry each",
    {
        "anyOf": [
            {"type": "object"},
            {
                "type": "array",
                "items": {"type": "object", "minProperties": 1, "maxProperties": 1},
            },
        ]
    },
    Is.MAPPING,
    Is.LIST,
)
ACTION_INPUT: Final = _shape(
    "a mapping from parameters to values, or one expression that gives such a mapping",
    {"anyOf": [{"type": "object"}, _WHOLE]},
    Is.MAPPING,
    Is.TEXT,
)
ACTION: Final = _shape(
    "the name of an action, or an expression that gives one",
    {"anyOf": [{"type": "string", "pattern": r"^\s*\S+\s*$"}, _EXPRESSION]},
    Is.TEXT,
)
ITEMS: Final = _shape(
    "a list, an expression that gives one, or a mapping from names to lists",
    {
        "anyOf": [
            {"type": "array"},
            _NAMED,
            {
                "type": "object",
                "minProperties": 1,
                "additionalProperties": {"anyOf": [{"type": "array"}, _WHOLE]},
            },
        ]
    },
    Is.TEXT,
    Is.LIST,
    Is.MAPPING,
)
TAGS: Final = _shape("a list of tags", {"type": "array", "items": _NONEMPTY}, Is.LIST)


def one_of(*words: str) -> Shape:
    """Return the shape of a key that takes one of a few words."""
    listed = " or ".join(f"`{word}`" for word in words)
    return _shape(listed, {"enum": list(words)}, Is.TEXT)


MATCH_WORDS: Final = ("first", "all")
BACKOFF_WORDS: Final = ("constant", "linear", "exponential")
UNHANDLED_WORDS: Final = ("fail_fast", "finish_branches")
ITEM_FAILURE_WORDS: Final = ("stop", "continue")
CANCEL_WORDS: Final = ("end", "finish")
DELIVERY_WORDS: Final = ("at_least_once", "at_most_once")
COMMAND_WORDS: Final = ("continue", "noop", "fail")
RESERVED_WORDS: Final = (*COMMAND_WORDS, "retry")
TYPE_WORDS: Final = ("string", "integer", "number", "boolean", "array", "object", "null")

LIMITS: Final = _section(
    "limits",
    "`limits`",
    "Bounds of one execution; without them those of the engine's configuration hold.",
    Key(
        name="duration",
        shape=DURATION_LIMIT,
        about="How long the whole execution may take; beyond it everything that runs is ended "
        "and the status is `timeout`.",
    ),
    Key(
        name="visits",
        shape=VISITS_LIMIT,
        about="How often one task may be visited; beyond it the execution fails, naming the task.",
    ),
)

RETRY: Final = _section(
    "retry",
    "`retry`",
    "New attempts of the same visit of a task, with the same context.",
    Key(
        name="count",
        shape=COUNT_OR_EXPRESSION,
        required=True,
        about="How many attempts there may be after the first.",
    ),
    Key(name="delay", shape=DURATION, about="How long to wait before a new attempt."),
    Key(
        name="backoff",
        shape=one_of(*BACKOFF_WORDS),
        about="How the delay grows from attempt to attempt. The default is `constant`.",
    ),
    Key(name="max_delay", shape=DURATION, about="The longest that a growing delay becomes."),
    Key(
        name="jitter",
        shape=BOOLEAN,
        about="Wait a random part of the delay, so that many tasks do not retry at once.",
    ),
    Key(
        name="when",
        shape=CONDITION,
        about="Which attempts to follow with another. The default: those that did not succeed.",
    ),
)

WITH: Final = _section(
    "with",
    "`with`",
    "One task execution, an action for each item of a list.",
    Key(name="items", shape=ITEMS, required=True, about="The list, or several walked in step."),
    Key(name="as", shape=ITEM_NAMES, about="A name for the item, or one for each of its parts."),
    Key(
        name="concurrency",
        shape=POSITIVE_OR_EXPRESSION,
        about="How many items run at once. The default: all of them.",
    ),
    Key(
        name="batch",
        shape=POSITIVE_OR_EXPRESSION,
        about="Run an action for so many items together; `item()` is the list of them.",
    ),
    Key(
        name="on_item_failure",
        shape=one_of(*ITEM_FAILURE_WORDS),
        about="Whether further items start after one has failed: `stop` (the default) or "
        "`continue`.",
    ),
    Key(
        name="max_failures",
        shape=COUNT_OR_EXPRESSION,
        about="How many items may fail without the task failing. The default is 0.",
    ),
)

TRANSITION: Final = _section(
    "transition",
    "a transition",
    "What follows when the task has completed.",
    Key(
        name="when",
        shape=CONDITION,
        hint="leave `when` out of a transition that always holds",
        about="The condition; its value must be a boolean. Without it the transition always "
        "holds, after a failure too.",
    ),
    Key(
        name="publish",
        shape=VARIABLES,
        about="Variables to write into the context of this branch, in order.",
    ),
    Key(
        name="do",
        shape=NAMES,
        about="The tasks that follow, or an engine command: `continue` (the default: the branch "
        "ends here), `noop` (it ends here and a failure counts as handled), `fail`.",
    ),
)

TASK: Final = _section(
    "task",
    "a task",
    "A node of the workflow.",
    Key(name="description", shape=TEXT, about="What the task is for."),
    Key(
        name="action",
        shape=ACTION,
        about="What it runs: `core.http`, the name of a registered function, `module:function`. "
        "Without an action it succeeds at once.",
    ),
    Key(name="input", shape=ACTION_INPUT, about="The parameters of the action."),
    Key(
        name="join",
        shape=JOIN,
        about="Wait for this many of the tasks that lead here, and then run once. Without it the "
        "task runs once for each transition that leads to it.",
    ),
    Key(name="delay", shape=DURATION, about="How long to wait before the first attempt."),
    Key(name="timeout", shape=DURATION, about="How long one attempt may take."),
    Key(
        name="delivery",
        shape=one_of(*DELIVERY_WORDS),
        about="What becomes of an attempt whose engine is lost: it is run again (`at_least_once`, "
        "the default), or fails with `outcome_unknown` (`at_most_once`).",
    ),
    Key(
        name="retry",
        shape=_shape("a mapping with `count`", _refers("retry"), Is.MAPPING),
        hint="write `retry: {count: 3}`",
        about="New attempts when one does not succeed.",
    ),
    Key(
        name="with",
        shape=_shape(
            "a list, an expression that gives one, or a mapping with `items`",
            {"anyOf": [{"type": "array"}, _NAMED, _refers("with")]},
            Is.MAPPING,
            Is.TEXT,
            Is.LIST,
        ),
        about="One action for each item of a list.",
    ),
    Key(
        name="match",
        shape=one_of(*MATCH_WORDS),
        about="Which transitions are taken: the `first` that holds, or `all` that hold.",
    ),
    Key(
        name="next",
        shape=_shape(
            "a list of transitions", {"type": "array", "items": _refers("transition")}, Is.LIST
        ),
        hint="begin each transition with `- `",
        about="What follows, in the order in which it is tried.",
    ),
)

_TYPE: Final = _shape(
    "the name of a type, or a list of names",
    {
        "anyOf": [
            {"enum": list(TYPE_WORDS)},
            {"type": "array", "items": {"enum": list(TYPE_WORDS)}, "minItems": 1},
        ]
    },
    Is.TEXT,
    Is.LIST,
)
_SCHEMA: Final = _shape("a JSON Schema", {"type": ["object", "boolean"]}, Is.MAPPING, Is.BOOLEAN)
_SCHEMAS: Final = _shape("a list of JSON Schemas", {"type": "array", "minItems": 1}, Is.LIST)
_SCHEMA_MAP: Final = _shape("a mapping from names to JSON Schemas", {"type": "object"}, Is.MAPPING)

#: Keys of an input that are not part of the JSON Schema for its value.
INPUT_OWN_KEYS: Final = frozenset({"default", "secret"})

INPUT: Final = _section(
    "input",
    "an input",
    "A declared input. Beside `default` and `secret` the keys are those of JSON Schema, draft 7.",
    Key(name="type", shape=_TYPE, about="The type of the value."),
    Key(name="default", shape=ANY, about="Its value when none is given. Without it: required."),
    Key(
        name="secret",
        shape=BOOLEAN,
        about="Never written in clear.",
        built=False,
    ),
    Key(name="title", shape=TEXT, about="A short name for people."),
    Key(name="description", shape=TEXT, about="What the input is for."),
    Key(name="examples", shape=LIST, about="Values that show what is meant."),
    Key(name="enum", shape=LIST, about="All values that there are."),
    Key(name="const", shape=ANY, about="The only value that there is."),
    Key(name="format", shape=TEXT, about="The format of a text: uri, email, date-time, ..."),
    Key(name="pattern", shape=TEXT, about="A regular expression for a text."),
    Key(name="minLength", shape=COUNT, about="The least length of a text."),
    Key(name="maxLength", shape=COUNT, about="The greatest length of a text."),
    Key(name="minimum", shape=NUMBER, about="The least number."),
    Key(name="maximum", shape=NUMBER, about="The greatest number."),
    Key(name="exclusiveMinimum", shape=NUMBER, about="A number that it must exceed."),
    Key(name="exclusiveMaximum", shape=NUMBER, about="A number that it must stay below."),
    Key(name="multipleOf", shape=NUMBER, about="A number that it must be a multiple of."),
    Key(name="items", shape=_SCHEMA, about="What each element of a list must be."),
    Key(name="minItems", shape=COUNT, about="The least number of elements."),
    Key(name="maxItems", shape=COUNT, about="The greatest number of elements."),
    Key(name="uniqueItems", shape=BOOLEAN, about="Whether all elements must differ."),
    Key(name="contains", shape=_SCHEMA, about="What some element must be."),
    Key(name="properties", shape=_SCHEMA_MAP, about="What the entries of a mapping must be."),
    Key(
        name="required",
        shape=LIST,
        hint="an input without `default` is required; this lists what a mapping must have",
        about="The entries that a mapping must have.",
    ),
    Key(
        name="additionalProperties",
        shape=_SCHEMA,
        about="What the entries that `properties` does not name must be.",
    ),
    Key(name="patternProperties", shape=_SCHEMA_MAP, about="Entries by a pattern of their name."),
    Key(name="propertyNames", shape=_SCHEMA, about="What the names of the entries must be."),
    Key(name="minProperties", shape=COUNT, about="The least number of entries."),
    Key(name="maxProperties", shape=COUNT, about="The greatest number of entries."),
    Key(name="anyOf", shape=_SCHEMAS, about="Schemas of which at least one must hold."),
    Key(name="oneOf", shape=_SCHEMAS, about="Schemas of which exactly one must hold."),
    Key(name="allOf", shape=_SCHEMAS, about="Schemas that all must hold."),
    Key(name="not", shape=_SCHEMA, about="A schema that must not hold."),
)

WORKFLOW: Final = _section(
    "workflow",
    "the workflow",
    "A workflow of Segue's native language.",
    Key(
        name="segue",
        shape=_shape("1, the version of the language", {"const": 1}, Is.INTEGER),
        required=True,
        about="The version of the language that the file is written in: 1.",
    ),
    Key(name="name", shape=TEXT, about="The name of the workflow. The default: the file's."),
    Key(name="description", shape=TEXT, about="What the workflow is for."),
    Key(name="tags", shape=TAGS, about="Words to find it by."),
    Key(
        name="input",
        shape=_shape(
            "a mapping from the names of the inputs to what they are",
            {
                "type": "object",
                "additionalProperties": {
                    "anyOf": [
                        _refers("input"),
                        {"enum": list(TYPE_WORDS)},
                        {"type": "null"},
                    ]
                },
            },
            Is.MAPPING,
        ),
        hint="write `NAME: string` for each input, or `NAME:` for one of any type",
        about="What the workflow takes. An input without `default` is required.",
    ),
    Key(
        name="vars",
        shape=VARIABLES,
        about="Variables that every branch begins with; each sees the ones before it.",
    ),
    Key(
        name="limits",
        shape=_shape("a mapping", _refers("limits"), Is.MAPPING),
        about="Bounds of one execution.",
    ),
    Key(
        name="match",
        shape=one_of(*MATCH_WORDS),
        about="Which transitions of a task are taken: the `first` that holds (the default), "
        "or `all` that hold.",
    ),
    Key(
        name="unhandled_failure",
        shape=one_of(*UNHANDLED_WORDS),
        about="What a failure that no transition handles does: `fail_fast` (the default) starts "
        "nothing new, `finish_branches` lets the other branches go on first.",
    ),
    Key(
        name="on_cancel",
        shape=one_of(*CANCEL_WORDS),
        about="What happens to running actions when the execution is canceled: `end` (the default) "
        "ends them, `finish` lets them finish.",
    ),
    Key(
        name="start",
        shape=NAMES,
        about="Where to begin. The default: the tasks that no transition leads to.",
    ),
    Key(
        name="tasks",
        shape=_shape(
            "a mapping from names to tasks",
            {
                "type": "object",
                "minProperties": 1,
                "propertyNames": {"minLength": 1, "not": {"enum": list(RESERVED_WORDS)}},
                "additionalProperties": _refers("task"),
            },
            Is.MAPPING,
        ),
        required=True,
        hint="write `NAME:` for each task, with what it is below",
        about="The tasks by name.",
    ),
    Key(
        name="output",
        shape=VARIABLES,
        about="What the workflow gives, rendered when it has settled, whatever its ending.",
    ),
)

SECTIONS: Final = (WORKFLOW, INPUT, LIMITS, TASK, RETRY, WITH, TRANSITION)
