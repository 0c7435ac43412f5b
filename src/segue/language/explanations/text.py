"""The codes of files that can't be read."""

from segue.language.codes import Code
from segue.language.explanations.entry import Explanation

EXPLANATIONS = (
    Explanation(
        code=Code.NOT_YAML,
        title="the file is not YAML",
        why="""\
The text breaks a rule of YAML, so nothing after this place can be read. Most often it is an
expression without quotes (`{` begins a mapping), a text with `: ` in it, a tab, a quote that is
never closed, or a line whose indentation fits nothing above it.

Only the first such error of a file is reported: what follows can't be trusted.""",
        wrong="segue: 1\ntasks:\n  greet:\n    action: core.echo\n"
        "    input: {message: hello: world}\n",
        right="segue: 1\ntasks:\n  greet:\n    action: core.echo\n"
        '    input: {message: "hello: world"}\n',
    ),
    Explanation(
        code=Code.DUPLICATE_KEY,
        title="a key is there twice",
        why="""\
A mapping has the same key twice. Many readers of YAML silently keep the last one, and a task
or a parameter is gone without a word. Here it is an error.

In Orquesta's files the last one counts, as it does in Orquesta, and this is a warning.""",
        wrong="segue: 1\ntasks:\n  fetch: {action: core.noop}\n  fetch: {action: core.noop}\n",
        right="segue: 1\ntasks:\n  fetch: {action: core.noop}\n  print: {action: core.noop}\n",
    ),
    Explanation(
        code=Code.TOO_LARGE,
        title="the file is beyond what is read",
        why="""\
A definition may have 1 MiB of text, 64 levels of nesting and 50,000 values, where a value that
aliases repeat counts each time. The bounds keep a hostile file (an "alias bomb" of a few lines
that unfolds to billions of values) from using up the machine that reads it.""",
        wrong="segue: 1\ntasks:\n  a:\n    action: core.echo\n    input:\n      message: "
        + "[" * 64
        + "]" * 64
        + "\n",
        right="segue: 1\ntasks:\n  a:\n    action: core.echo\n    input:\n      message: [[]]\n",
    ),
    Explanation(
        code=Code.SEVERAL_DOCUMENTS,
        title="the file holds several documents",
        why="""\
`---` begins a new YAML document. A file is one workflow, so a second document is never read
silently, nor left out silently.""",
        wrong="segue: 1\ntasks: {a: {}}\n---\nsegue: 1\ntasks: {b: {}}\n",
        right="segue: 1\ntasks: {a: {}}\n",
    ),
    Explanation(
        code=Code.BAD_ALIAS,
        title="an alias refers to nothing",
        why="""\
`*name` repeats the value that `&name` marks *before* it. There is no such mark, or the alias
stands inside the very value that it repeats.

A text that begins with a star needs quotes: `"*.log"`.""",
        wrong="segue: 1\ntasks:\n  list:\n    action: core.local\n"
        "    input: {cmd: ls, stdin: *admin}\n",
        right="segue: 1\ntasks:\n  list:\n    action: core.local\n"
        '    input: {cmd: ls, stdin: "*admin"}\n',
    ),
    Explanation(
        code=Code.UNUSABLE_VALUE,
        title="a value has no form in JSON",
        why="""\
Values travel as JSON: null, true, false, numbers, text, lists and mappings. `.inf`, `.nan`,
numbers beyond every machine's, and values with tags such as `!!binary` have no form there.

Dates are text. In Orquesta's files, which are read as YAML 1.1, `2024-05-01` is a date for
YAML and becomes the text "2024-05-01"; one that the calendar does not have is an error.""",
        wrong="segue: 1\nvars: {limit: .inf}\ntasks: {a: {}}\n",
        right="segue: 1\nvars: {limit: 1000000}\ntasks: {a: {}}\n",
    ),
    Explanation(
        code=Code.KEY_NOT_TEXT,
        title="a key is not text",
        why="""\
A key of a mapping must be text; natively numbers and words like `yes` are taken as the text
that is written. A list or a mapping as a key is nearly always an expression without quotes:
`{{ x }}` is, to YAML, a mapping whose key is a mapping.

In Orquesta's files names of tasks and variables such as `yes` or `1` are not text in YAML 1.1.""",
        wrong="segue: 1\ninput: {url: string}\ntasks:\n  get:\n    action: core.http\n"
        "    input: {url: {{ ctx.url }}}\n",
        right="segue: 1\ninput: {url: string}\ntasks:\n  get:\n    action: core.http\n"
        '    input: {url: "{{ ctx.url }}"}\n',
    ),
    Explanation(
        code=Code.NOT_A_WORKFLOW,
        title="the file is no workflow",
        why="A workflow is a mapping with `tasks`. This file is empty, or a list, or a text.",
        wrong="- action: core.noop\n",
        right="segue: 1\ntasks:\n  a: {action: core.noop}\n",
    ),
    Explanation(
        code=Code.UNKNOWN_LANGUAGE,
        title="the language of the file is not known",
        why="""\
The first thing that is read is the marker of the language: `segue: 1` for the native one,
`version: 1.0` for Orquesta's (or no marker at all, where `tasks` is a mapping). A list of tasks
with names is Attune's. There is none of this here, or it names a version that this release does not
know.""",
        wrong="segue: 2\ntasks: {a: {}}\n",
        right="segue: 1\ntasks: {a: {}}\n",
    ),
    Explanation(
        code=Code.MISSING_GRAPH,
        title="the graph of the workflow is in another file",
        why="""\
This is the action of a workflow of Attune, and `workflow_file` says where its graph is. A file on
the disk is read together with that graph; a text alone, such as the standard input, is not.""",
        wrong="ref: demo.hello\nlabel: Hello\nworkflow_file: workflows/hello.workflow.yaml\n",
        right="ref: demo.hello\nlabel: Hello\ntasks:\n  - name: hello\n    action: core.noop\n",
    ),
)
