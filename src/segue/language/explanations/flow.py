"""The codes of tasks and how they follow one another."""

from segue.language.codes import Code
from segue.language.explanations.entry import Explanation

EXPLANATIONS = (
    Explanation(
        code=Code.UNKNOWN_TASK,
        title="there is no such task",
        why="""\
`do` and `start` name tasks of this file; `do` may also name one of the commands `continue`,
`noop` and `fail`. There is nothing of this name. Several tasks are a list: `do: [a, b]`.""",
        wrong="segue: 1\ntasks:\n  build: {action: core.noop, next: [{do: notfy}]}\n"
        "  notify: {action: core.noop}\n",
        right="segue: 1\ntasks:\n  build: {action: core.noop, next: [{do: notify}]}\n"
        "  notify: {action: core.noop}\n",
    ),
    Explanation(
        code=Code.RESERVED_NAME,
        title="a task has the name of a command",
        why="""\
`continue`, `noop`, `fail` and `retry` are commands under `do`. A task of that name could never
be meant.""",
        wrong="segue: 1\ntasks:\n  fail: {action: core.noop}\n",
        right="segue: 1\ntasks:\n  give_up: {action: core.noop}\n",
    ),
    Explanation(
        code=Code.NO_ENTRY_POINT,
        title="nothing says where to begin",
        why="""\
A workflow begins with the tasks that no transition leads to. In a pure cycle there is none:
name the task to begin with in `start`, or say it whenever you start the workflow
(`segue run FILE --start TASK`). A start with neither is refused.

In Orquesta's files this is an error: add a task that leads into the loop.""",
        wrong="segue: 1\ntasks:\n"
        "  ping: {next: [{when: succeeded(), do: pong}]}\n"
        "  pong: {next: [{when: succeeded(), do: ping}]}\n",
        right="segue: 1\nstart: ping\ntasks:\n"
        "  ping: {next: [{when: succeeded(), do: pong}]}\n"
        "  pong: {next: [{when: succeeded(), do: ping}]}\n",
    ),
    Explanation(
        code=Code.UNREACHABLE_TASK,
        title="a task can't be reached",
        why="""\
No path leads to this task from where the workflow begins. With `start` only what follows from
the tasks it names is ever run; without it, a cycle that nothing leads into is never entered.""",
        wrong="segue: 1\ntasks:\n  a: {}\n  b: {next: [{when: failed(), do: b}]}\n",
        right="segue: 1\ntasks:\n  a: {next: [{do: b}]}\n  b: {next: [{when: failed(), do: b}]}\n",
    ),
    Explanation(
        code=Code.JOIN_UNSATISFIABLE,
        title="a join waits for more than can come",
        why="""\
A join counts the *tasks* that lead to it, each once per round, however many transitions it has.
It waits for more of them than there are, or than can be reached from where the workflow begins.
It could never run, and every execution that gets there would fail.""",
        wrong="segue: 1\ntasks:\n  a: {next: [{do: j}]}\n  b: {next: [{do: j}]}\n  j: {join: 3}\n",
        right="segue: 1\ntasks:\n  a: {next: [{do: j}]}\n  b: {next: [{do: j}]}\n"
        "  j: {join: all}\n",
    ),
    Explanation(
        code=Code.JOIN_OF_ONE,
        title="a join has nothing to wait for",
        why="""\
At most one task leads to this join, so it waits for nothing. Perhaps a transition to it is
missing. Without `join` the task runs just the same.""",
        wrong="segue: 1\ntasks:\n  a: {next: [{do: j}]}\n  j: {join: all}\n",
        right="segue: 1\ntasks:\n  a: {next: [{do: j}]}\n  j: {}\n",
    ),
    Explanation(
        code=Code.ENDLESS_CYCLE,
        title="nothing leads out of a cycle",
        why="""\
Whatever happens in these tasks, another one of them follows. The execution ends only by its
limits (`limits.duration`, `limits.visits`), or when somebody cancels it. Cycles are ordinary;
one that has no way out is hardly ever meant.""",
        wrong="segue: 1\nstart: poll\ntasks:\n  poll: {next: [{do: poll}]}\n",
        right="segue: 1\nvars: {turns: 0}\nstart: poll\ntasks:\n  poll:\n    next:\n"
        '      - when: ctx.turns < 10\n        publish: {turns: "{{ ctx.turns + 1 }}"}\n'
        "        do: poll\n",
    ),
    Explanation(
        code=Code.SWALLOWED_FAILURE,
        title="a transition without `when` swallows a failure",
        why="""\
A transition without `when` always holds, after a failure too. What follows runs as if nothing
had happened, and the failure counts as handled. If that is what you want, say so with
`when: completed()`; if not, write `when: succeeded()`, and the failure ends the execution.

Orquesta's files, where this is common practice, are not warned.""",
        wrong="segue: 1\ntasks:\n  build:\n    action: core.local\n    input: {cmd: make}\n"
        "    next: [{do: ship}]\n"
        "  ship: {action: core.noop}\n",
        right="segue: 1\ntasks:\n  build:\n    action: core.local\n    input: {cmd: make}\n"
        "    next: [{when: succeeded(), do: ship}]\n  ship: {action: core.noop}\n",
    ),
    Explanation(
        code=Code.UNREACHABLE_TRANSITION,
        title="a transition is never tried",
        why="""\
With `match: first`, the native default, the first transition that holds is taken and no other.
One without `when` always holds, so nothing after it is ever looked at.""",
        wrong="segue: 1\ntasks:\n  a:\n    next:\n"
        "      - do: b\n      - when: failed()\n        do: c\n"
        "  b: {}\n  c: {}\n",
        right="segue: 1\ntasks:\n  a:\n    next:\n"
        "      - when: failed()\n        do: c\n      - do: b\n"
        "  b: {}\n  c: {}\n",
    ),
    Explanation(
        code=Code.RETRY_COMMAND,
        title="`retry` is not a command here",
        why="""\
In Orquesta's files `do: retry` gives the task three more attempts. Natively a task says so
itself, with how many, how far apart, and when.""",
        wrong="segue: 1\ntasks:\n  a: {action: core.noop, next: [{when: failed(), do: retry}]}\n",
        right="segue: 1\ntasks:\n  a: {action: core.noop, retry: {count: 3, delay: 1s}}\n",
    ),
    Explanation(
        code=Code.AMBIGUOUS_JOIN,
        title="a join in an Orquesta file mixes different splits",
        why="""\
In Orquesta's files a task without `join` that several transitions lead to is a split: it and
everything after it run once for each. A join whose branches have passed through different
splits could not tell which of them belong together, so Orquesta refuses it.""",
        wrong="version: 1.0\ntasks:\n"
        "  a: {action: core.noop, next: [{do: 'b, c, j'}]}\n"
        "  b: {action: core.noop, next: [{do: s}]}\n"
        "  c: {action: core.noop, next: [{do: s}]}\n"
        "  s: {action: core.noop, next: [{do: j}]}\n"
        "  j: {join: all, action: core.noop}\n",
        right="version: 1.0\ntasks:\n"
        "  a: {action: core.noop, next: [{do: 'b, c, j'}]}\n"
        "  b: {action: core.noop, next: [{do: s}]}\n"
        "  c: {action: core.noop, next: [{do: s}]}\n"
        "  s: {join: all, action: core.noop, next: [{do: j}]}\n"
        "  j: {join: all, action: core.noop}\n",
    ),
    Explanation(
        code=Code.ITEMS_WITHOUT_ACTION,
        title="there are items, and no action for them",
        why="`with` runs an action for each item of a list; this task has no action.",
        wrong="version: 1.0\nvars: [{hosts: [a, b]}]\ntasks:\n  ping: {with: <% ctx().hosts %>}\n",
        right="version: 1.0\nvars: [{hosts: [a, b]}]\ntasks:\n  ping: {action: core.noop}\n",
    ),
    Explanation(
        code=Code.UNUSABLE_NAME,
        title="Orquesta can't use this name",
        why="""\
In Orquesta's files the name of a task has letters, digits and underscores only; other names make
Orquesta fall over. Natively any text is a name.""",
        wrong="version: 1.0\ntasks:\n  check-disk: {action: core.noop}\n",
        right="version: 1.0\ntasks:\n  check_disk: {action: core.noop}\n",
    ),
    Explanation(
        code=Code.UNUSABLE_WORKFLOW,
        title="a workflow that is called can't be used",
        why="""\
An action that ends in `.yaml` or `.yml` is a workflow: a path that begins at the folder of the file
that names it. There is no such file, or it has errors of its own. The file that calls it could be
run all the same; the task fails when it is reached.""",
        wrong="segue: 1\ntasks:\n  greet: {action: ./helo.yaml}\n",
        right="segue: 1\ntasks:\n  greet: {action: ./hello.yaml, input: {to: Ann}}\n",
    ),
    Explanation(
        code=Code.WRONG_CALL,
        title="a workflow is called with what it does not take",
        why="""\
The workflow that a task calls declares its inputs. One that it requires is not given, one is given
that it does not have, or a value does not fit its schema. What expressions give is looked at when
the task runs; the task fails then.""",
        wrong="segue: 1\ntasks:\n  greet: {action: ./hello.yaml, input: {too: Ann}}\n",
        right="segue: 1\ntasks:\n  greet: {action: ./hello.yaml, input: {to: Ann}}\n",
    ),
    Explanation(
        code=Code.WRONG_INPUT,
        title="an action is called with what it does not take",
        why="""\
A built-in action declares its parameters. One that it needs is not given, one is given that it does
not have, or a value does not fit. What expressions give is looked at when the task runs; the task
fails then. In Orquesta's files this is a warning: they were written for StackStorm's actions of the
same names.""",
        wrong="segue: 1\ntasks:\n  list: {action: core.local, input: {command: ls}}\n",
        right="segue: 1\ntasks:\n  list: {action: core.local, input: {cmd: ls}}\n",
    ),
    Explanation(
        code=Code.UNKNOWN_ACTION,
        title="there is no such action",
        why="""\
The names that begin with `core.` are those of the built-in actions, and this is none of them.
Actions of your own are Python functions, `module:function`, or workflows. In Orquesta's files this
is a warning, since StackStorm has more of them; the task fails when it is reached.""",
        wrong="segue: 1\ntasks:\n  list: {action: core.locl, input: {cmd: ls}}\n",
        right="segue: 1\ntasks:\n  list: {action: core.local, input: {cmd: ls}}\n",
    ),
)

#: What the examples call.
HELLO = "segue: 1\ninput: {to: string}\ntasks: {a: {action: core.noop}}\n"
