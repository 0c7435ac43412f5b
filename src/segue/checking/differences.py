"""Where Segue deliberately does something else than Orquesta 1.6, in words for people.

`segue explain ID` prints one of these, docs/differences-from-orquesta.md holds them all, and each
has a test of the same name, which is the title with underscores.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class Area(StrEnum):
    """What a difference is about; its headings in the page."""

    DATA = "Data and expressions"
    JOINS = "Joins, cycles and branches"
    OPERATIONS = "Failure, pause, cancel and rerun"
    TASKS = "Tasks, items and reports"
    FUNCTIONS = "Functions"


class Difference(StrEnum):
    """The ids. An id is stable: once released it never means something else."""

    EVALUATES_DATA = "evaluates-data"
    EVALUATES_INPUTS = "evaluates-inputs"
    UNDECLARED_INPUTS = "undeclared-inputs"
    UNDEFINED_INSIDE = "undefined-inside"
    DELIMITERS = "delimiters"
    EVALUATED_ONCE = "evaluated-once"
    DATES_IN_FILES = "dates-in-files"
    BOUNDED = "bounded"

    STALE_CONTEXT = "stale-context"
    JOIN_AGAIN = "join-again"
    JOIN_IN_CYCLE = "join-in-cycle"
    JOIN_LEFT_BEHIND = "join-left-behind"
    ARRIVALS_MERGED = "arrivals-merged"
    ORDER_OF_TASKS = "order-of-tasks"

    CANCELED_BECOMES_FAILED = "canceled-becomes-failed"
    IGNORED_SUCCESS = "ignored-success"
    FAILURE_WHILE_PAUSED = "failure-while-paused"
    SUCCEEDED_WITH_FAILED_TASK = "succeeded-with-failed-task"
    JOIN_AFTER_RERUN = "join-after-rerun"
    RERUN_OF_NOTHING = "rerun-of-nothing"
    COMMAND_OFFERED = "command-offered"

    ITEMS_RESULT = "items-result"
    IGNORED_ITEM = "ignored-item"
    ERRORS_IN_RETRY = "errors-in-retry"
    CANCELED_RETRY = "canceled-retry"
    FRACTIONAL_DELAY = "fractional-delay"
    UNTIMELY_REPORTS = "untimely-reports"
    EVERY_ERROR = "every-error"
    OUTPUT_RENDERED = "output-rendered"
    LIMITS = "limits"

    KEY_NAMED_ITEMS = "key-named-items"
    TASK_RECORD = "task-record"
    DEFAULT_OF_VARIABLE = "default-of-variable"
    DATA_IN_TEXT = "data-in-text"
    UNFIT_ARGUMENTS = "unfit-arguments"
    JSON_OF_DATA = "json-of-data"
    USE_NONE = "use-none"
    JSON_ESCAPE = "json-escape"
    HUMAN_TIME = "human-time"
    YAML_DATES = "yaml-dates"
    LEFT_OUT = "left-out"


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What there is to tell about one difference.

    `title` says what Segue does; `orquesta` what Orquesta does, and `why` what Segue does in full.
    `example` is two lines: of a file, or an expression and what comes of it. `pointed_at`: a
    place in a file can show that it may matter there, and `segue check --compare` finds it.
    """

    id: Difference
    area: Area
    title: str
    orquesta: str
    why: str
    example: str
    pointed_at: bool = False


_TOLD: Final = (
    Told(
        id=Difference.EVALUATES_DATA,
        area=Area.DATA,
        title="the result of an expression is never evaluated again",
        orquesta="A text that an expression gives is evaluated again if it holds an expression "
        "itself: whoever controls what an action prints can run expressions in the workflow.",
        why="Only what stands in the file is an expression. Results, variables and items are "
        "data, whatever they look like.",
        example="a: {action: core.noop, next: [{publish: [{p: <% result() %>}], do: b}]}\n"
        "b: {action: core.echo message=<% ctx().p %>}  # `<% 1 + 1 %>`, not 2, if `a` gives it",
        pointed_at=True,
    ),
    Told(
        id=Difference.EVALUATES_INPUTS,
        area=Area.DATA,
        title="inputs given at run time are never evaluated",
        orquesta="The inputs that a caller gives are evaluated as the defaults are.",
        why="A default is an expression if it holds one, for it stands in the file. What a caller "
        "gives is data.",
        example="input: [name]\n"
        "output: [{name: <% ctx().name %>}]  # given `<% 1 + 1 %>`: that, not 2",
        pointed_at=True,
    ),
    Told(
        id=Difference.UNDECLARED_INPUTS,
        area=Area.DATA,
        title="inputs that are not declared are refused",
        orquesta="They are ignored.",
        why="A misspelt input is a mistake that should be told: `segue run` and the library refuse "
        "it. Only `segue conduct` ignores it, as hosts of Orquesta expect.",
        example="input: [host: localhost]\n"
        "tasks: {a: {action: core.noop}}  # -i hots=web: the workflow has no input `hots`",
    ),
    Told(
        id=Difference.UNDEFINED_INSIDE,
        area=Area.DATA,
        title="an undefined value inside a mapping is an error where it stands",
        orquesta="Inside of a list or mapping that Jinja makes it stays in the data, and is an "
        "error later and elsewhere, or none.",
        why="What is not defined is an error of the expression that asks for it, wherever in it. "
        "Only `segue conduct` leaves it in the output, where its host sees it.",
        example="vars: [{d: {a: 1}}]\n"
        "output: [{x: \"{{ {'k': ctx().d.missing} }}\"}]  # an error of the output",
        pointed_at=True,
    ),
    Told(
        id=Difference.DELIMITERS,
        area=Area.DATA,
        title="an expression may hold line breaks and its own delimiters in quotes",
        orquesta="An expression over several lines stays text, and one that holds its own "
        "delimiters in quotes is cut short.",
        why="An expression begins at its delimiter and ends at the one that closes it, wherever "
        "that is.",
        example="vars: [{sign: \"<% '%>' %>\"}]\n"
        "output: [{sign: <% ctx().sign %>}]  # `%>`; in Orquesta an error of syntax",
    ),
    Told(
        id=Difference.EVALUATED_ONCE,
        area=Area.DATA,
        title="a transition to several tasks is evaluated once",
        orquesta="`when` and `publish` are evaluated once for each task under `do`.",
        why="They are evaluated once for the transition: random numbers and the time are the "
        "same for all that it leads to.",
        example="a: {action: core.noop, next: [{publish: [{n: <% random() %>}], do: [b, c]}]}\n"
        "b: {action: core.echo message=<% ctx().n %>}  # the same number as in `c`",
        pointed_at=True,
    ),
    Told(
        id=Difference.DATES_IN_FILES,
        area=Area.DATA,
        title="a date in a file is text",
        orquesta="YAML makes it a date, which is no JSON and can't be recorded.",
        why="All data are JSON. What JSON has nothing for, such as `!!binary`, `!!set` and `.inf`, "
        "is an error of the file.",
        example="vars: [{day: 2024-01-02}]\n"
        "output: [{day: <% ctx().day %>}]  # 2024-01-02, as text",
    ),
    Told(
        id=Difference.BOUNDED,
        area=Area.DATA,
        title="what an expression may make is bounded",
        orquesta="There are no bounds, and an expression can take all memory and time.",
        why="There are limits on steps, texts, lists and numbers, far beyond what files need. "
        "A whole number that an expression gives has at most 64 bits.",
        example="vars: [{n: 9223372036854775807}]\n"
        "output: [{more: <% ctx().n * 4 %>}]  # an error: it has more than 64 bits",
    ),
    Told(
        id=Difference.STALE_CONTEXT,
        area=Area.JOINS,
        title="an old value never comes back at a join",
        orquesta="A join replays what a common ancestor published after what a branch has "
        "written since, if another branch comes later.",
        why="The last branch that *wrote* a variable wins. One that only still holds an older "
        "value never restores it.",
        example="b: {action: core.noop, next: [{publish: [{x: new}], do: j}]}  # before: x is old\n"
        "c: {action: core.noop, next: [{do: j}]}  # comes last, and x stays new",
        pointed_at=True,
    ),
    Told(
        id=Difference.JOIN_AGAIN,
        area=Area.JOINS,
        title="a join runs once per round and absorbs late arrivals",
        orquesta="A join of fewer tasks than lead to it runs again for each late arrival; if its "
        "items run, those that have begun are begun again.",
        why="What arrives after the joined task was handed off is recorded and has no effect. "
        "Only `segue conduct` offers items that run anew, as hosts of Orquesta expect.",
        example="c: {action: core.noop, next: [{do: j}]}  # the third\n"
        "j: {join: 2, action: core.noop}  # once; in Orquesta twice",
        pointed_at=True,
    ),
    Told(
        id=Difference.JOIN_IN_CYCLE,
        area=Area.JOINS,
        title="a join in a cycle counts each round for itself",
        orquesta="The arrivals of the former round still count, so that the first arrival of the "
        "next one can satisfy the join.",
        why="Each turn of the cycle is a round of its own, in which all that the join waits for "
        "have to arrive.",
        example="j: {join: all, action: core.noop, next: [{do: [a, b]}]}\n"
        "a: {action: core.noop, next: [{do: j}]}  # in each turn `j` waits for `b`, too",
        pointed_at=True,
    ),
    Told(
        id=Difference.JOIN_LEFT_BEHIND,
        area=Area.JOINS,
        title="a join that can not be satisfied is found after a pause too",
        orquesta="It is not looked for where an execution completes by being resumed, which then "
        "succeeds.",
        why="Whenever nothing else is left, a join that waits for what can't come fails the "
        "execution.",
        example="b: {action: core.noop, next: [{when: <% failed() %>, do: j}]}  # a pause\n"
        "j: {join: all, action: core.noop}  # waits for `b`, which succeeded: failed",
        pointed_at=True,
    ),
    Told(
        id=Difference.ARRIVALS_MERGED,
        area=Area.JOINS,
        title="two arrivals at a task in a cycle stay two",
        orquesta="They become one if the task has not begun, or are taken for one another.",
        why="Each arrival is a visit of its own.",
        example="b: {action: core.noop, next: [{do: poll}]}  # beside `a`, which does the same\n"
        "poll: {action: core.noop, next: [{when: <% failed() %>, do: poll}]}  # visited twice",
        pointed_at=True,
    ),
    Told(
        id=Difference.ORDER_OF_TASKS,
        area=Area.JOINS,
        title="tasks begin in the order of the file",
        orquesta="Tasks that may begin at the same moment do so in the order of their names.",
        why="They begin in the order in which `do`, or the file, names them.",
        example="s: {action: core.noop, next: [{do: [z, m, b]}]}\n"
        "# begun are z, m, b; in Orquesta b, m, z",
    ),
    Told(
        id=Difference.CANCELED_BECOMES_FAILED,
        area=Area.OPERATIONS,
        title="a canceled execution stays canceled",
        orquesta="A join that waits makes it failed.",
        why="What is canceled never changes its status but by a rerun.",
        example="a: {action: core.noop, next: [{do: j}]}  # has arrived, and all is canceled\n"
        "j: {join: all, action: core.noop}  # the execution ends canceled; in Orquesta failed",
        pointed_at=True,
    ),
    Told(
        id=Difference.IGNORED_SUCCESS,
        area=Area.OPERATIONS,
        title="the success of a task that is being paused or canceled counts",
        orquesta="It is ignored, and the task stays as it is.",
        why="Whatever was asked of an action: if it succeeds, its result is recorded, and what "
        "follows is run where the execution goes on.",
        example="a: {action: core.noop, next: [{do: b}]}  # told to pause, and succeeds\n"
        "b: {action: core.noop}  # runs",
    ),
    Told(
        id=Difference.FAILURE_WHILE_PAUSED,
        area=Area.OPERATIONS,
        title="a failure counts while only a person can go on",
        orquesta="A question pauses the execution, and a failure in a paused one is lost: if it is "
        "not answered in time, the execution succeeds when it is resumed.",
        why="An execution that waits for a person is pending, not paused, and what fails, fails.",
        example="ask: {action: core.ask}  # rejected, or not answered in time\n"
        "output: [{x: 1}]  # failed; in Orquesta succeeded",
        pointed_at=True,
    ),
    Told(
        id=Difference.SUCCEEDED_WITH_FAILED_TASK,
        area=Area.OPERATIONS,
        title="a rerun of one failed task does not hide another",
        orquesta="The execution succeeds when the task that was run again does.",
        why="The other one has failed, and nothing dealt with it: the execution is failed again.",
        example="a: {action: core.noop}  # failed, as did `b`: and alone run again\n"
        "b: {action: core.noop}  # failed in the end; in Orquesta succeeded",
    ),
    Told(
        id=Difference.JOIN_AFTER_RERUN,
        area=Area.OPERATIONS,
        title="a join fires again after a rerun before it",
        orquesta="Whether it does depends on which of its sources came last.",
        why="A join behind what is run again fires again when its branch arrives, with the "
        "arrivals from elsewhere kept.",
        example="a: {action: core.noop, next: [{do: j}]}  # run again\n"
        "j: {join: all, action: core.noop, next: [{do: k}]}  # then this, too; `b` is not",
    ),
    Told(
        id=Difference.RERUN_OF_NOTHING,
        area=Area.OPERATIONS,
        title="a rerun of nothing is refused",
        orquesta="It is accepted, and the execution is resuming for ever.",
        why="`segue rerun` says that nothing failed or is left to run.",
        example="a: {action: core.noop}  # succeeded, and so did the execution\n"
        "# segue rerun: nothing failed, was canceled or is left to run",
    ),
    Told(
        id=Difference.COMMAND_OFFERED,
        area=Area.OPERATIONS,
        title="an engine command is never run as a task",
        orquesta="After a failure by `fail`, a rerun hands a task named fail, without an action, "
        "to the host.",
        why="Commands are done by the engine. What a rerun may run again are tasks.",
        example="a: {action: core.noop, next: [{do: fail}]}\n"
        "# segue rerun --from a: runs `a`, and fails by the command again",
    ),
    Told(
        id=Difference.ITEMS_RESULT,
        area=Area.TASKS,
        title="the result of a task with items is made by the engine",
        orquesta="The host makes it, and may give another list than that of the results.",
        why="It is the list of what the items gave, in the order of the items; null where one was "
        "not run.",
        example="a: {with: <% ctx().l %>, action: core.echo message=<% item() %>}\n"
        "# result(): the list of messages, whatever the order in which they ended",
        pointed_at=True,
    ),
    Told(
        id=Difference.IGNORED_ITEM,
        area=Area.TASKS,
        title="an item that waited for an answer ends like any other",
        orquesta="When the others are over, the task is paused, and the answer is ignored.",
        why="The task goes on when the answer comes.",
        example="a: {with: <% ctx().people %>, action: core.ask}\n"
        "# ends with the last answer; in Orquesta it stays paused",
        pointed_at=True,
    ),
    Told(
        id=Difference.ERRORS_IN_RETRY,
        area=Area.TASKS,
        title="an error in retry is an error of the task",
        orquesta="An expression that fails in `retry`, or a count that is no number, leaves the "
        "execution running for ever.",
        why="The task fails, and its transitions are taken as after any failure.",
        example="vars: [{tries: many}]\n"
        "a: {action: core.noop, retry: {count: <% ctx().tries %>}}  # fails",
        pointed_at=True,
    ),
    Told(
        id=Difference.CANCELED_RETRY,
        area=Area.TASKS,
        title="a canceled task is not retried for ever",
        orquesta="Where the condition of `retry` holds for it, too, there is an internal error.",
        why="What is canceled is over, whatever `retry` says.",
        example="a: {action: core.noop, retry: {count: 3, when: <% completed() %>}}\n"
        "# canceled while it runs: the execution is canceled",
        pointed_at=True,
    ),
    Told(
        id=Difference.FRACTIONAL_DELAY,
        area=Area.TASKS,
        title="a delay may have fractions",
        orquesta="A `delay` that is not a whole number when it is evaluated fails the execution.",
        why="It is a number of seconds. Only `segue conduct` wants whole ones, for hosts of "
        "Orquesta do.",
        example="vars: [{pause: 0.5}]\n"
        "a: {action: core.noop, delay: <% ctx().pause %>}  # waits half a second",
        pointed_at=True,
    ),
    Told(
        id=Difference.UNTIMELY_REPORTS,
        area=Area.TASKS,
        title="a report that comes too late changes nothing",
        orquesta="A late failure is added to the errors, and some reports make internal errors.",
        why="What ends twice ended the first time.",
        example="a: {action: core.noop, next: [{do: b}]}  # succeeded, then reported failed\n"
        "b: {action: core.noop}  # runs, and there is no error",
    ),
    Told(
        id=Difference.EVERY_ERROR,
        area=Area.TASKS,
        title="every failure is told once",
        orquesta="Two failures with the same result are one entry, and an error in a transition to "
        "two tasks is two. What a handled failure was can't be seen.",
        why="Each failure is an entry of its own, with a code, the visit of the task, and whether "
        "a transition handled it.",
        example="a: {action: core.noop, next: [{when: <% failed() %>, do: b}]}\n"
        "b: {action: core.noop, next: [{do: a}]}  # `a` fails twice: two errors, both handled",
    ),
    Told(
        id=Difference.OUTPUT_RENDERED,
        area=Area.TASKS,
        title="the output is rendered when the execution settles",
        orquesta="It is rendered when the host asks for it, which may be too early or never.",
        why="The engine renders it once, when nothing runs any more, on every ending.",
        example="b: {action: core.noop, next: [{publish: [{x: 1}]}]}  # still runs when `a` fails\n"
        "output: [{x: <% ctx().x %>}]  # there in the failed execution",
    ),
    Told(
        id=Difference.LIMITS,
        area=Area.TASKS,
        title="an execution has limits",
        orquesta="There are none.",
        why="An execution takes at most 30 days and visits a task at most 10,000 times. Both are "
        "in the configuration, and can be lifted.",
        example="s: {action: core.noop, next: [{do: poll}]}\n"
        "poll: {action: core.noop, next: [{do: poll}]}  # fails with visit_limit, and says so",
    ),
    Told(
        id=Difference.KEY_NAMED_ITEMS,
        area=Area.FUNCTIONS,
        title="a key is found by its name whatever the name is",
        orquesta="In Jinja, `result().items` is the method of the mapping.",
        why="A point before a name asks for the key, and data have no methods of that kind.",
        example="{{ result().items }}\n# the list under `items`",
        pointed_at=True,
    ),
    Told(
        id=Difference.TASK_RECORD,
        area=Area.FUNCTIONS,
        title="task gives status and result and nothing internal",
        orquesta="`task()` has times, ids and routes of the engine, too.",
        why="It has the task's name, status and result.",
        example="{{ task('a').route }}\n# an error: there is no such key",
        pointed_at=True,
    ),
    Told(
        id=Difference.DEFAULT_OF_VARIABLE,
        area=Area.FUNCTIONS,
        title="default deals with a variable asked for by its name",
        orquesta="`ctx('name')` of a variable that is not there is an error, which `default` and "
        "`is defined` never see.",
        why="It is not there, as with `ctx().name`, and they say what then.",
        example="{{ ctx('nope') | default(1) }}\n# 1",
    ),
    Told(
        id=Difference.DATA_IN_TEXT,
        area=Area.FUNCTIONS,
        title="a pair stands in a text as a list",
        orquesta="Pairs stand there in round brackets, and keys that are numbers as numbers.",
        why="All data are JSON: a pair is a list, and a key is a text.",
        example="{{ (1, 2) }} and {{ {1: 1} }}\n# [1, 2] and {'1': 1}",
    ),
    Told(
        id=Difference.UNFIT_ARGUMENTS,
        area=Area.FUNCTIONS,
        title="a function refuses what it is not made for",
        orquesta="`ctx(0)` and `ctx(false)` give all variables, and `zip()` hands on a text.",
        why="That is a mistake, and an error says so.",
        example="<% ctx(0) %>\n# an error: the name of a variable must be text",
    ),
    Told(
        id=Difference.JSON_OF_DATA,
        area=Area.FUNCTIONS,
        title="json gives data as they are",
        orquesta="`json()` of what is no text is an error.",
        why="What is data already needs no reading.",
        example="<% json(dict(a => 1)) %>\n# {a: 1}",
    ),
    Told(
        id=Difference.USE_NONE,
        area=Area.FUNCTIONS,
        title="use_none gives null as it is",
        orquesta="StackStorm writes a mark instead, and takes it for null later.",
        why="Null is null.",
        example="<% use_none(null) %>\n# null",
    ),
    Told(
        id=Difference.JSON_ESCAPE,
        area=Area.FUNCTIONS,
        title="json_escape keeps the quotes that belong to the text",
        orquesta="StackStorm's takes quotes at the ends of the text with its own.",
        why="It leaves out the quotes around the text and no others.",
        example="<% json_escape('\"') %>\n# a backslash and a quote",
    ),
    Told(
        id=Difference.HUMAN_TIME,
        area=Area.FUNCTIONS,
        title="times for people keep months and fractions",
        orquesta="`to_human_time_from_seconds()` loses the months, and gives 0.5μs for half a "
        "second.",
        why="It counts days, and gives fractions of a second as such.",
        example="<% to_human_time_from_seconds(0.5) %>\n# 0.5s",
    ),
    Told(
        id=Difference.YAML_DATES,
        area=Area.FUNCTIONS,
        title="dates in yaml stay text",
        orquesta="`from_yaml_string()` makes an object of a date, which can't be recorded.",
        why="All data are JSON, so a date is text.",
        example="<% from_yaml_string('2024-01-02') %>\n# 2024-01-02, as text",
    ),
    Told(
        id=Difference.LEFT_OUT,
        area=Area.FUNCTIONS,
        title="what reaches beyond data is left out",
        orquesta="YAQL has functions for dates, sets and `format`, and Jinja macros, namespaces "
        "and includes.",
        why="docs/expressions.md lists what there is, and `segue check` tells of what there is "
        "not.",
        example="<% format('{0}', 1) %>\n# an error: there is no function format()",
    ),
)

#: By id, in the order of the page.
DIFFERENCES: Final[Mapping[Difference, Told]] = {told.id: told for told in _TOLD}


def name_of_test(told: Told) -> str:
    """Return the name of the test that shows a difference: its title, said as a function's name."""
    return "test_" + "_".join(told.title.replace(",", "").split())
