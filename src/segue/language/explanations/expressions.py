"""The codes of expressions and of the variables in them."""

from segue.language.codes import Code
from segue.language.explanations.entry import Explanation

EXPLANATIONS = (
    Explanation(
        code=Code.EXPRESSION_SYNTAX,
        title="an expression can't be read",
        why="""\
What stands between `{{` and `}}` is an expression of Jinja, between `<%` and `%>` one of YAQL,
and this is neither. The place is that within the expression, as closely as its parser knows it.
A `when` of the native language may leave the braces out: then it is Jinja.""",
        wrong='segue: 1\ntasks:\n  a:\n    action: core.echo\n    input: {message: "{{ 1 + }}"}\n',
        right="segue: 1\ntasks:\n  a:\n    action: core.echo\n"
        '    input: {message: "{{ 1 + 1 }}"}\n',
    ),
    Explanation(
        code=Code.UNKNOWN_FUNCTION,
        title="there is no such function, filter or test",
        why="The expression calls something that does not exist. The functions are listed in the\n"
        "language reference.",
        wrong="segue: 1\ntasks:\n  a:\n    next:\n      - when: suceeded()\n        do: noop\n",
        right="segue: 1\ntasks:\n  a:\n    next:\n      - when: succeeded()\n        do: noop\n",
    ),
    Explanation(
        code=Code.MIXED_EXPRESSIONS,
        title="Jinja and YAQL stand in one text",
        why="A text may hold expressions of one kind, `{{ }}` or `<% %>`, and not of both: the\n"
        "one would see what the other leaves.",
        wrong="segue: 1\nvars: {x: 1}\ntasks:\n  a:\n    action: core.echo\n"
        '    input: {message: "<% ctx().x %> {{ ctx.x }}"}\n',
        right="segue: 1\nvars: {x: 1}\ntasks:\n  a:\n    action: core.echo\n"
        '    input: {message: "{{ ctx.x }} {{ ctx.x }}"}\n',
    ),
    Explanation(
        code=Code.UNDEFINED_VARIABLE,
        title="a variable is never defined",
        why="""\
No input, no entry of `vars` and no transition on any way to this place defines the variable.
An expression that meets an undefined variable fails; it never becomes an empty text.

A variable that only *some* ways define is not reported: whether it is there is known only
when the workflow runs.""",
        wrong="segue: 1\ninput: {host: string}\ntasks:\n  a:\n    action: core.echo\n"
        '    input: {message: "{{ ctx.hots }}"}\n',
        right="segue: 1\ninput: {host: string}\ntasks:\n  a:\n    action: core.echo\n"
        '    input: {message: "{{ ctx.host }}"}\n',
    ),
    Explanation(
        code=Code.PRIVATE_VARIABLE,
        title="a variable is private",
        why="In Orquesta's files names that begin with two underscores belong to the engine, and\n"
        "no expression may refer to them.",
        wrong="version: 1.0\nvars: [{__x: 1}]\ntasks:\n  a:\n    action: core.echo\n"
        "    input: {message: \"<% ctx('__x') %>\"}\n",
        right="version: 1.0\nvars: [{x: 1}]\ntasks:\n  a:\n    action: core.echo\n"
        "    input: {message: \"<% ctx('x') %>\"}\n",
    ),
    Explanation(
        code=Code.NO_ITEM,
        title="there is no item here",
        why="""\
`item()` and `index()` are of the one item of a list that `with` runs an action for. They have a
value where that action is prepared: in `action`, `input` and `timeout` of a task with items. The
list and its concurrency are known before there are items; retries and transitions look at all of
them together, as `result()`.

In Orquesta's files, where `item()` is null then, it is not reported.""",
        wrong="segue: 1\ntasks:\n  greet:\n    with: [Ada, Alan]\n    action: core.echo\n"
        '    input: {message: "{{ item() }}"}\n'
        '    next: [{when: succeeded(), publish: {last: "{{ item() }}"}}]\n',
        right="segue: 1\ntasks:\n  greet:\n    with: [Ada, Alan]\n    action: core.echo\n"
        '    input: {message: "{{ item() }}"}\n'
        '    next: [{when: succeeded(), publish: {last: "{{ result()[-1] }}"}}]\n',
    ),
    Explanation(
        code=Code.UNKNOWN_ITEM_PART,
        title="the item has no part of this name",
        why="""\
The parts of an item are named by `as`, by `host, port in ...`, or by the lists that are walked
in step. With `batch` an item is a list of items, and has no names itself.""",
        wrong="segue: 1\ntasks:\n  ping:\n    with: {items: [web, db], as: host}\n"
        "    action: core.echo\n    input: {message: \"{{ item('hots') }}\"}\n",
        right="segue: 1\ntasks:\n  ping:\n    with: {items: [web, db], as: host}\n"
        "    action: core.echo\n    input: {message: \"{{ item('host') }}\"}\n",
    ),
)
