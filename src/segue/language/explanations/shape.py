"""The codes of words and values that are not in the language."""

from segue.language.codes import Code
from segue.language.explanations.entry import Explanation

EXPLANATIONS = (
    Explanation(
        code=Code.UNKNOWN_KEY,
        title="a key is not part of the language",
        why="""\
Nothing reads this key, so what it says would be ignored without a word. `segue schema` prints
all keys there are, with what they take; an editor that knows the schema completes them.

If many keys are unknown, the file may be in another language than its marker says: without
`segue: 1` a file is read as Orquesta's.""",
        wrong="segue: 1\ntasks:\n  a:\n    action: core.noop\n    timout: 10s\n",
        right="segue: 1\ntasks:\n  a:\n    action: core.noop\n    timeout: 10s\n",
    ),
    Explanation(
        code=Code.MISSING_KEY,
        title="a key is missing",
        why="The mapping needs a key that it does not have.",
        wrong="segue: 1\ntasks:\n  a:\n    action: core.noop\n    retry: {delay: 1s}\n",
        right="segue: 1\ntasks:\n  a:\n    action: core.noop\n    retry: {count: 3, delay: 1s}\n",
    ),
    Explanation(
        code=Code.WRONG_TYPE,
        title="a value is of the wrong type",
        why="""\
The key takes another kind of value. A frequent case: a list where a mapping belongs, because of
a `-` too many, or an expression without quotes, which YAML reads as a mapping.""",
        wrong="segue: 1\ntasks:\n  - a: {action: core.noop}\n",
        right="segue: 1\ntasks:\n  a: {action: core.noop}\n",
    ),
    Explanation(
        code=Code.WRONG_VALUE,
        title="a value is not one of those that are allowed",
        why="The value is of the right type, but means nothing here: a word that is not one of\n"
        "those the key knows, or a number out of range.",
        wrong="segue: 1\ntasks:\n  a: {action: core.noop, match: frist}\n",
        right="segue: 1\ntasks:\n  a: {action: core.noop, match: first}\n",
    ),
    Explanation(
        code=Code.BAD_DURATION,
        title="this is not a duration",
        why="""\
A duration is a number of seconds (`30`, `0.5`), or numbers with units: `ms`, `s`, `m`, `h`, `d`,
as in `500ms`, `10s`, `1h30m`. It is not negative, and at most 36500d. Where a task takes a
duration it may also be an expression that gives one.""",
        wrong="segue: 1\ntasks:\n  a: {action: core.noop, timeout: 5 minutes}\n",
        right="segue: 1\ntasks:\n  a: {action: core.noop, timeout: 5m}\n",
    ),
    Explanation(
        code=Code.REPEATED_ENTRY,
        title="something is listed twice",
        why="""\
The list must not repeat anything. A task that one transition names twice would be started twice,
which is hardly ever meant.""",
        wrong="segue: 1\ntasks:\n  a: {action: core.noop, next: [{do: [b, b]}]}\n  b: {}\n",
        right="segue: 1\ntasks:\n  a: {action: core.noop, next: [{do: [b]}]}\n  b: {}\n",
    ),
    Explanation(
        code=Code.EMPTY,
        title="something must not be empty",
        why="An empty text, list or mapping stands where at least one thing is needed.",
        wrong="segue: 1\ntasks:\n  a: {action: core.noop, next: [{do: []}]}\n",
        right="segue: 1\ntasks:\n  a: {action: core.noop, next: [{do: noop}]}\n",
    ),
    Explanation(
        code=Code.BAD_INPUT_SCHEMA,
        title="the schema of an input is wrong",
        why="""\
What an input may be is said in JSON Schema, draft 7, and this is not valid there: an unknown
type, a bound that is no number, a pattern that is no regular expression. `$ref` is refused,
because a definition must not depend on what is somewhere else.""",
        wrong="segue: 1\ninput:\n  count: {type: int}\ntasks: {a: {}}\n",
        right="segue: 1\ninput:\n  count: {type: integer}\ntasks: {a: {}}\n",
    ),
    Explanation(
        code=Code.BAD_DEFAULT,
        title="the default of an input is not what the input must be",
        why="The default would be refused if somebody gave it, so every start without the input\n"
        "would begin with a wrong value.",
        wrong='segue: 1\ninput:\n  count: {type: integer, default: "3"}\ntasks: {a: {}}\n',
        right="segue: 1\ninput:\n  count: {type: integer, default: 3}\ntasks: {a: {}}\n",
    ),
    Explanation(
        code=Code.INLINE_INPUT,
        title="parameters stand behind the name of the action",
        why="""\
`action: core.echo message="hi"` is Orquesta's short form. Natively the parameters of an action
have one place, `input`, where they keep their types.""",
        wrong='segue: 1\ntasks:\n  a:\n    action: core.echo message="hi"\n',
        right="segue: 1\ntasks:\n  a:\n    action: core.echo\n    input: {message: hi}\n",
    ),
    Explanation(
        code=Code.NO_EFFECT,
        title="a key that nothing comes from",
        why="""\
The key is one of Attune's, and nothing follows from it here, or not in this place: it says how
Attune's platform treats an action (permissions, the choice of a worker), or another key beside it
counts instead. The workflow runs; whether it still does what you want is yours to say.""",
        wrong="ref: demo.a\ntasks:\n  - name: a\n    action: core.noop\n    concurrency: 2\n",
        right="ref: demo.a\ntasks:\n  - name: a\n    action: core.noop\n",
    ),
    Explanation(
        code=Code.NOT_BUILT,
        title="this release can't do that yet",
        why="""\
The key is part of the language and right as it is written, but what it asks for is not built
yet. It is refused rather than ignored: a workflow never runs as something else than it says.""",
        wrong="segue: 1\ninput:\n  token: {secret: true}\ntasks:\n  a: {action: core.noop}\n",
        right="segue: 1\ninput:\n  token: {}\ntasks:\n  a: {action: core.noop}\n",
    ),
)
