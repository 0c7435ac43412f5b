"""The words of Attune's files: those that have a meaning, and those that are let be."""

from collections.abc import Mapping
from typing import Final

from segue.language.grammar import (
    ANY,
    BACKOFF_WORDS,
    BOOLEAN,
    CONDITION,
    COUNT_OR_EXPRESSION,
    DURATION,
    TEXT,
    VARIABLES,
    Is,
    Key,
    Section,
    Shape,
    one_of,
)

CANCELLATION_WORDS: Final = ("allow_finish", "cancel_running")
KIND_WORDS: Final = ("action", "workflow", "parallel")
INNER_KIND_WORDS: Final = ("action", "workflow")

#: The schemas of keys are for editors, and there is none of Attune's files.
_MAPPING: Final = Shape("a mapping", frozenset({Is.MAPPING}), {})
_NAMES: Final = Shape("the name of a task, or a list of names", frozenset({Is.TEXT, Is.LIST}), {})
_TARGETS: Final = Shape(
    "the name of a task, a list of names, or a list of mappings with `when` and `do`",
    frozenset({Is.TEXT, Is.LIST}),
    {},
)
_DO: Final = Shape(_NAMES.words, frozenset({Is.TEXT, Is.LIST, Is.NULL}), {})
_TRANSITIONS: Final = Shape("a list of transitions", frozenset({Is.LIST}), {})
_TASKS: Final = Shape("a list of tasks, each with a `name`", frozenset({Is.LIST}), {})
_ITEMS: Final = Shape("an expression that gives a list", frozenset({Is.TEXT, Is.LIST}), {})
_JOIN: Final = Shape("how many tasks to wait for", frozenset({Is.INTEGER, Is.TEXT}), {})
_PUBLISH: Final = Shape(
    "a list of mappings from variables to values, or of names",
    frozenset({Is.LIST, Is.MAPPING}),
    {},
)
_TAGS: Final = Shape("a list of tags", frozenset({Is.LIST}), {})
_PARAMETERS: Final = Shape(
    "a mapping from names to what they are", frozenset({Is.MAPPING, Is.NULL}), {}
)
_VARIABLES: Final = Shape(VARIABLES.words, VARIABLES.kinds | {Is.NULL}, {})
_VERSION: Final = Shape("a version", frozenset({Is.TEXT, Is.NUMBER, Is.INTEGER}), {})


def _keys(shapes: Mapping[str, Shape], *required: str) -> Mapping[str, Key]:
    return {
        name: Key(name=name, shape=shape, about="", required=name in required)
        for name, shape in shapes.items()
    }


def _section(owner: str, shapes: Mapping[str, Shape], *required: str) -> Section:
    return Section(name="", owner=owner, about="", keys=_keys(shapes, *required))


_ABOUT: Final[Mapping[str, Shape]] = {
    "ref": TEXT,
    "name": TEXT,
    "label": TEXT,
    "description": TEXT,
    "version": _VERSION,
    "enabled": BOOLEAN,
    "tags": _TAGS,
    "parameters": _PARAMETERS,
    "output": ANY,
    "output_schema": ANY,
    "metadata": ANY,
}

#: Keys that say how a platform treats an action, for which there is nothing here.
PLATFORM_KEYS: Final = (
    "runner_type",
    "runtime_version",
    "required_worker_runtimes",
    "entry_point",
    "parameter_delivery",
    "parameter_format",
    "output_format",
    "accesses_mcp",
    "default_execution_permission_set_refs",
    "log_retention_policy",
    "log_retention_limit",
    "reference_visibility",
    "reference_allowed_pack_refs",
    "worker_selector",
    "worker_tolerations",
    "worker_affinity",
)
#: The same of tasks.
PLACEMENT_KEYS: Final = (
    "permission_set_refs",
    "permission_set_ref",
    "trace_tag_template",
    "worker_selector",
    "worker_tolerations",
    "worker_affinity",
)

#: Keys that may be there, and that nobody needs to be told of.
WITHOUT_EFFECT: Final = frozenset(
    {*PLATFORM_KEYS, *PLACEMENT_KEYS, "metadata", "output_schema", "__chart_meta__"}
)

_PLATFORM: Final = dict.fromkeys(PLATFORM_KEYS, ANY)

ACTION: Final = _section(
    "the action",
    {**_ABOUT, "workflow_file": TEXT, "timeout_seconds": DURATION, **_PLATFORM},
    "workflow_file",
)

_GRAPH: Final[Mapping[str, Shape]] = {
    "vars": _VARIABLES,
    "tasks": _TASKS,
    "output_map": _VARIABLES,
    "cancellation_policy": one_of(*CANCELLATION_WORDS),
}

WORKFLOW: Final = _section(
    "the workflow",
    {**_ABOUT, **_GRAPH, "timeout_seconds": DURATION, **_PLATFORM},
    "tasks",
)

_FOLLOWING: Final[Mapping[str, Shape]] = {
    "next": _TRANSITIONS,
    "on_success": _TARGETS,
    "on_failure": _TARGETS,
    "on_error": _TARGETS,
    "on_complete": _TARGETS,
    "on_timeout": _TARGETS,
    "decision": _TRANSITIONS,
    "publish": _PUBLISH,
}
#: The keys that `next` takes the place of.
OLDER_KEYS: Final = tuple(key for key in _FOLLOWING if key != "next")

_PLACEMENT: Final = {**dict.fromkeys(PLACEMENT_KEYS, ANY), "__chart_meta__": ANY}
_NAMED: Final[Mapping[str, Shape]] = {
    "name": TEXT,
    "type": one_of(*KIND_WORDS),
    "description": TEXT,
    "when": CONDITION,
    "join": _JOIN,
    "delay": DURATION,
}
_RUN: Final[Mapping[str, Shape]] = {
    "action": TEXT,
    "input": Shape("a mapping", frozenset({Is.MAPPING, Is.NULL, Is.TEXT}), {}),
    "with_items": _ITEMS,
    "batch_size": COUNT_OR_EXPRESSION,
    "concurrency": COUNT_OR_EXPRESSION,
    "retry": _MAPPING,
    "timeout": DURATION,
}
_UNBUILT: Final = {
    name: Key(name=name, shape=ANY, about="", built=False) for name in ("iterate_cache", "wait_for")
}

_TASK: Final = _section("a task", {**_NAMED, **_RUN, **_FOLLOWING, **_PLACEMENT}, "name", "action")
TASK: Final = Section(name="", owner=_TASK.owner, about="", keys={**_TASK.keys, **_UNBUILT})
PARALLEL: Final = _section(
    "a task of `type: parallel`",
    {**_NAMED, **_FOLLOWING, **_PLACEMENT, "tasks": _TASKS},
    "name",
    "tasks",
)
#: A task inside one of `type: parallel`: what follows it is what follows that.
INNER: Final = _section(
    "a task inside one of `type: parallel`",
    {
        "name": TEXT,
        "type": one_of(*INNER_KIND_WORDS),
        "description": TEXT,
        "delay": DURATION,
        "publish": _PUBLISH,
        **_RUN,
        **_PLACEMENT,
    },
    "name",
    "action",
)

RETRY: Final = _section(
    "`retry`",
    {
        "count": COUNT_OR_EXPRESSION,
        "delay": DURATION,
        "backoff": one_of(*BACKOFF_WORDS),
        "max_delay": DURATION,
        "on_error": CONDITION,
    },
    "count",
)

TRANSITION: Final = _section(
    "a transition",
    {
        "when": Shape(CONDITION.words, frozenset({Is.TEXT, Is.NULL, Is.BOOLEAN}), {}),
        "publish": _PUBLISH,
        "do": _DO,
        "__chart_meta__": ANY,
    },
)

#: An entry of `on_success` and its like that has a condition of its own.
CONDITIONAL: Final = _section(
    "a transition",
    {"when": CONDITION, "publish": _PUBLISH, "do": _TARGETS, "next": _TARGETS},
)

DECISION: Final = _section(
    "a branch of `decision`",
    {
        "when": CONDITION,
        "next": _NAMES,
        "default": Shape(
            "`true`, or the name of a task", frozenset({Is.BOOLEAN, Is.TEXT, Is.LIST}), {}
        ),
    },
)

#: Keys of a parameter that are not part of the JSON Schema for its value.
PARAMETER_OWN_KEYS: Final = frozenset({"default", "required", "secret", "label", "position"})
