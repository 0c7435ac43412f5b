"""The words of rehearsal files: one table for the reader, its messages and the JSON Schema."""

from typing import Final

from segue.language.durations import LONGEST, PATTERN
from segue.language.grammar import (
    ANY,
    BOOLEAN,
    NAMES,
    NUMBER,
    TEXT,
    Is,
    Key,
    Section,
    Shape,
    one_of,
)
from segue.values import JsonObject

#: What the execution may be in the end; the last four are of one that waits.
STATUS_WORDS: Final = (
    "succeeded",
    "failed",
    "canceled",
    "timeout",
    "running",
    "pending",
    "pausing",
    "paused",
)
VISIT_STATUS_WORDS: Final = (
    "succeeded",
    "failed",
    "canceled",
    "timeout",
    "running",
    "pending",
    "retrying",
    "delayed",
    "scheduled",
)


def _shape(words: str, schema: JsonObject, *kinds: Is) -> Shape:
    return Shape(words, frozenset(kinds), schema)


def _refers(name: str) -> JsonObject:
    return {"$ref": f"#/definitions/{name}"}


def _section(name: str, owner: str, about: str, *keys: Key) -> Section:
    return Section(name=name, owner=owner, about=about, keys={key.name: key for key in keys})


OBJECT: Final = _shape("a mapping", {"type": "object"}, Is.MAPPING)
INPUTS: Final = _shape(
    "a mapping, or a list of them", {"type": ["object", "array"]}, Is.MAPPING, Is.LIST
)
POSITIVE: Final = _shape("a whole number, 1 or more", {"type": "integer", "minimum": 1}, Is.INTEGER)
COUNT: Final = _shape("a whole number, 0 or more", {"type": "integer", "minimum": 0}, Is.INTEGER)
TRUE: Final = _shape("`true`", {"const": True}, Is.BOOLEAN)
TIMES: Final = _shape(
    "a whole number, 1 or more, or `any`",
    {"anyOf": [{"type": "integer", "minimum": 1}, {"const": "any"}]},
    Is.INTEGER,
    Is.TEXT,
)
PERIOD: Final = _shape(
    "a duration such as `10s` or `1h30m`, or a number of seconds",
    {
        "anyOf": [
            {"type": "number", "minimum": 0, "maximum": LONGEST},
            {"type": "string", "pattern": PATTERN},
        ]
    },
    Is.INTEGER,
    Is.NUMBER,
    Is.TEXT,
)
INSTANT: Final = _shape(
    "an instant such as `2026-01-31T12:00:00Z`, or seconds since the epoch",
    {"type": ["string", "number"]},
    Is.TEXT,
    Is.INTEGER,
    Is.NUMBER,
)
FAILS: Final = _shape(
    "the message of the failure, or a mapping with `message`, `code` and `result`",
    {"anyOf": [{"type": "string"}, _refers("failure")]},
    Is.TEXT,
    Is.MAPPING,
)
REASON: Final = _shape(
    "a reason, or `true` or null without one",
    {"anyOf": [{"type": ["string", "null"]}, {"const": True}]},
    Is.TEXT,
    Is.NULL,
    Is.BOOLEAN,
)
_ANSWERS: Final[JsonObject] = {
    "anyOf": [_refers("mock"), {"type": "array", "minItems": 1, "items": _refers("mock")}]
}
MOCKS: Final = _shape(
    "a mapping from tasks to what their actions do",
    {"type": "object", "additionalProperties": _ANSWERS},
    Is.MAPPING,
)
SEQUENCE: Final = _shape(
    "a list of tasks, in which a list inside stands for tasks in any order",
    _refers("sequence"),
    Is.LIST,
)
CHAINS: Final = _shape(
    "a list of lists of tasks",
    {"type": "array", "items": {"type": "array", "items": {"type": "string"}, "minItems": 2}},
    Is.LIST,
)
VISITS: Final = _shape(
    "a mapping from visits such as `probe#2` to what is expected of them",
    {"type": "object", "additionalProperties": _refers("visit")},
    Is.MAPPING,
)
ERRORS: Final = _shape(
    "a list of errors",
    {"type": "array", "items": {"anyOf": [{"type": "string"}, _refers("error")]}},
    Is.LIST,
)
OUTPUT: Final = _shape("a mapping, or null", {"type": ["object", "null"]}, Is.MAPPING, Is.NULL)
REQUESTS: Final = _shape(
    "a list of requests", {"type": "array", "items": _refers("request")}, Is.LIST
)
TESTS: Final = _shape(
    "a list of tests", {"type": "array", "minItems": 1, "items": _refers("test")}, Is.LIST
)
RERUN: Final = _shape(
    "a mapping with `from`, `inputs` and so on (empty: what failed)",
    _refers("rerun"),
    Is.MAPPING,
)

EXPECTED: Final = _shape("a mapping", _refers("expect"), Is.MAPPING)

FAILURE: Final = _section(
    "failure",
    "`fails`",
    "How an action fails.",
    Key(name="message", shape=TEXT, required=True, about="What it says."),
    Key(name="code", shape=TEXT, about="The code of the error; the default is `action_failed`."),
    Key(name="result", shape=ANY, about="What it gives all the same."),
)

MOCK: Final = _section(
    "mock",
    "a mock",
    "What the action of a task does instead of being run, and which of its calls this is for.",
    Key(name="result", shape=ANY, about="It succeeds, with this result."),
    Key(name="fails", shape=FAILS, about="It fails, with this message."),
    Key(
        name="times_out",
        shape=TRUE,
        about="It is ended by the timeout of its task, or at once where that has none.",
    ),
    Key(name="never", shape=TRUE, about="It does not end by itself: something has to end it."),
    Key(name="answers", shape=OBJECT, about="Somebody answers the question of `core.ask` so."),
    Key(name="rejects", shape=REASON, about="Somebody refuses to answer the question."),
    Key(
        name="run",
        shape=TRUE,
        about="It is really run, which `core.noop`, `core.echo` and `core.sleep` can be.",
    ),
    Key(name="takes", shape=PERIOD, about="How long it takes; without it no time passes."),
    Key(name="visit", shape=POSITIVE, about="Only in this visit of the task."),
    Key(name="attempt", shape=POSITIVE, about="Only in this attempt of the visit."),
    Key(name="item", shape=COUNT, about="Only for this item, counted from 0."),
    Key(
        name="times",
        shape=TIMES,
        about="How often it stands for a call; without it once. `any`: as often as it is needed, "
        "or not at all.",
    ),
    Key(name="action", shape=TEXT, about="The action that is expected to be called."),
    Key(name="input", shape=OBJECT, about="The input that it is expected to be called with."),
)

RERUN_SECTION: Final = _section(
    "rerun",
    "`rerun`",
    "What is run again; with nothing named that is what failed or had not started.",
    Key(name="from", shape=NAMES, about="These tasks: the latest visit, or `probe#2`."),
    Key(name="from_start", shape=BOOLEAN, about="All of it."),
    Key(name="reset_items", shape=BOOLEAN, about="Items that had succeeded, too."),
    Key(name="inputs", shape=OBJECT, about="Inputs in the place of the former ones."),
    Key(name="variables", shape=OBJECT, about="Variables to write before."),
)

REQUEST: Final = _section(
    "request",
    "a request",
    "What somebody asks of the execution, and when.",
    Key(name="at", shape=PERIOD, about="How long after the start; the default is at once."),
    Key(name="pause", shape=REASON, about="Pause it, for this reason."),
    Key(name="resume", shape=TRUE, about="Go on with it."),
    Key(name="cancel", shape=REASON, about="Cancel it, for this reason."),
    Key(name="rerun", shape=RERUN, about="Run it again, or a part of it."),
)

ERROR: Final = _section(
    "error",
    "an error",
    "What is expected of an error; text alone is (part of) its message.",
    Key(name="message", shape=TEXT, about="Part of its message."),
    Key(name="code", shape=TEXT, about="Its code, such as `action_failed`."),
    Key(name="task", shape=TEXT, about="The task that it is of, or the visit: `probe#2`."),
    Key(name="handled", shape=BOOLEAN, about="Whether a transition dealt with it."),
)

VISIT: Final = _section(
    "visit",
    "an expected visit",
    "What is expected of one visit of a task. What is not named is not looked at.",
    Key(name="status", shape=one_of(*VISIT_STATUS_WORDS), about="Its status."),
    Key(name="attempts", shape=COUNT, about="How many attempts there were."),
    Key(name="context", shape=OBJECT, about="Variables that it sees; others may be there, too."),
    Key(name="action", shape=TEXT, about="The action of its last attempt."),
    Key(
        name="input",
        shape=INPUTS,
        about="The whole input of its last attempt; of a task with items the list of theirs.",
    ),
    Key(name="result", shape=ANY, about="Its result."),
    Key(name="at", shape=PERIOD, about="When it began, after the start of the execution."),
)

EXPECT: Final = _section(
    "expect",
    "`expect`",
    "What is expected of the execution.",
    Key(
        name="status",
        shape=one_of(*STATUS_WORDS),
        about="Its status in the end. The default is `succeeded`.",
    ),
    Key(name="output", shape=OUTPUT, about="Its whole output."),
    Key(name="errors", shape=ERRORS, about="All of its errors, in any order."),
    Key(
        name="tasks",
        shape=SEQUENCE,
        about="All visits, in the order in which they begin. A list inside is of tasks in any "
        "order, and a list inside that one is in order again.",
    ),
    Key(
        name="order",
        shape=CHAINS,
        about="Of each list, each begins before the next one; what else runs does not matter.",
    ),
    Key(name="never", shape=NAMES, about="Tasks that are not visited."),
    Key(name="visits", shape=VISITS, about="What is expected of single visits."),
    Key(name="duration", shape=PERIOD, about="How long all of it takes."),
)

TEST: Final = _section(
    "test",
    "a test",
    "One execution, from its start to its end.",
    Key(name="name", shape=TEXT, required=True, about="What it shows, in a few words."),
    Key(name="description", shape=TEXT, about="More about it."),
    Key(name="workflow", shape=TEXT, about="The file of the workflow, where the tests differ."),
    Key(name="inputs", shape=OBJECT, about="The inputs of the execution."),
    Key(name="start", shape=NAMES, about="The tasks to begin with, instead of the entry points."),
    Key(name="now", shape=INSTANT, about="When it begins; the default is 2000-01-01T00:00:00Z."),
    Key(name="random", shape=NUMBER, about="The random number of all decisions; 0 without it."),
    Key(name="env", shape=OBJECT, about="The environment variables; no others are set."),
    Key(name="keys", shape=OBJECT, about="The keys of the key store; there are no others."),
    Key(name="mocks", shape=MOCKS, about="What the actions do."),
    Key(name="requests", shape=REQUESTS, about="What somebody asks of it meanwhile."),
    Key(name="expect", shape=EXPECTED, about="What is expected of it."),
)

FILE: Final = _section(
    "file",
    "a rehearsal file",
    "Tests of workflows with mocked actions.",
    Key(
        name="rehearsal",
        shape=_shape("`1`", {"const": 1}, Is.INTEGER),
        required=True,
        about="The version of this format.",
    ),
    Key(name="workflow", shape=TEXT, about="The file of the workflow, beside this one."),
    Key(name="description", shape=TEXT, about="What is tested here."),
    Key(name="tests", shape=TESTS, required=True, about="The tests."),
)

SECTIONS: Final = (
    FILE,
    TEST,
    MOCK,
    FAILURE,
    REQUEST,
    RERUN_SECTION,
    EXPECT,
    VISIT,
    ERROR,
)
