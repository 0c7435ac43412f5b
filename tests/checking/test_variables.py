"""Variables that nothing defines on any way to where they are read."""

import pytest
from tests.checking.found import coded, native, orquesta

from segue.checking import check
from segue.language.codes import Code
from segue.language.findings import Severity

READ = "action: core.echo, input: {m: '{{ ctx.seen }}'}"


def undefined(text: str) -> list[tuple[str | None, str]]:
    return [(each.variable, each.path) for each in coded(native(text), Code.UNDEFINED_VARIABLE)]


@pytest.mark.parametrize(
    "text",
    [
        f"input: {{seen: any}}\ntasks: {{a: {{{READ}}}}}\n".replace("any", "string"),
        f"vars: {{seen: 0}}\ntasks: {{a: {{{READ}}}}}\n",
        f"vars: [{{seen: 0}}]\ntasks: {{a: {{{READ}}}}}\n",
        f"tasks:\n  a: {{next: [{{publish: {{seen: 1}}, do: b}}]}}\n  b: {{{READ}}}\n",
        (
            "tasks:\n  a: {next: [{publish: {seen: 1}, do: b}]}\n  b: {next: [{do: c}]}\n"
            f"  c: {{{READ}}}\n"
        ),
        # On one way only, and from the turn before: it may be there.
        (
            f"tasks:\n  a: {{next: [{{when: 'true', do: b}}, {{publish: {{seen: 1}}, do: b}}]}}\n"
            f"  b: {{{READ}}}\n"
        ),
        (
            f"start: a\ntasks:\n  a: {{{READ}, next: [{{when: failed(), do: noop}}, "
            f"{{when: completed(), publish: {{seen: 1}}, do: a}}]}}\n"
        ),
        'tasks:\n  a: {action: core.echo, input: {m: "{{ ctx.seen | default(0) }}"}}\n',
        "vars: [{x: 1}, {y: '{{ ctx.x }}'}]\ntasks: {a: {}}\n",
        "input: {x: string, y: {default: '{{ ctx.x }}'}}\ntasks: {a: {}}\n",
        "tasks: {a: {next: [{publish: [{x: 1}, {y: '{{ ctx.x }}'}]}]}}\n",
        (
            "tasks: {a: {next: [{publish: {x: 1}}]}}\n"
            "output: [{o: '{{ ctx.x }}'}, {p: '{{ ctx.o }}'}]\n"
        ),
    ],
)
def test_what_may_be_there_is_not_reported(text: str) -> None:
    assert undefined(text) == []


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (f"tasks: {{a: {{{READ}}}}}\n", ("seen", "tasks.a.input")),
        # Published by a transition that leads elsewhere, or later, or by a command's.
        (
            (
                "tasks:\n  a: {next: [{publish: {seen: 1}, do: c}]}\n"
                f"  b: {{{READ}}}\n  c: {{}}\n"
            ),
            ("seen", "tasks.b.input"),
        ),
        (
            f"tasks:\n  a: {{{READ}, next: [{{publish: {{seen: 1}}, do: noop}}]}}\n",
            ("seen", "tasks.a.input"),
        ),
        (
            "tasks: {a: {next: [{publish: [{y: '{{ ctx.x }}'}, {x: 1}]}]}}\n",
            ("x", "tasks.a.next[0].publish[0]"),
        ),
        (
            "tasks: {a: {next: [{when: ctx.x == 1, publish: {x: 1}}]}}\n",
            ("x", "tasks.a.next[0].when"),
        ),
        ("vars: {y: '{{ ctx.x }}', x: 1}\ntasks: {a: {}}\n", ("x", "vars[0]")),
        ("input: {y: {default: '{{ ctx.x }}'}, x: string}\ntasks: {a: {}}\n", ("x", "input[0]")),
        ("tasks: {a: {}}\noutput: {o: '{{ ctx.x }}'}\n", ("x", "output[0]")),
        ("tasks: {a: {retry: {count: 1, when: ctx.x}}}\n", ("x", "tasks.a.retry.when")),
    ],
)
def test_what_nothing_defines_is_reported_where_it_is_read(
    text: str, found: tuple[str, str]
) -> None:
    assert undefined(text) == [found]


def test_the_hint_is_the_nearest_name_or_who_publishes_it_elsewhere() -> None:
    (found,) = coded(
        native("vars: {host: x}\noutput: {o: '{{ ctx.hots }}'}\ntasks: {a: {}}\n"),
        Code.UNDEFINED_VARIABLE,
    )
    assert found.hint == "did you mean `host`?"
    elsewhere = f"tasks:\n  a: {{next: [{{publish: {{seen: 1}}}}]}}\n  b: {{{READ}}}\n"
    (found,) = coded(native(elsewhere), Code.UNDEFINED_VARIABLE)
    assert found.hint == "`a` publishes it, and no path leads from there to here"


def test_variables_of_a_parent_are_there() -> None:
    text = f"segue: 1\ntasks: {{a: {{{READ}}}}}\n"
    assert check(text, context=["seen"]).valid
    orquesta_text = "version: 1.0\ntasks: {a: {action: x, input: {m: <% ctx().seen %>}}}\n"
    assert check(orquesta_text, context=["seen"]).valid
    assert not check(orquesta_text).valid


def test_orquesta_files_are_walked_as_orquesta_walks_them() -> None:
    checked = orquesta(
        """\
        input: [i, {j: <% ctx().i %>}, {k: <% ctx().never %>}]
        vars: [{v: <% ctx().j %>}]
        tasks:
          a:
            action: x
            input: {m: <% ctx().v %>}
            next:
              - when: <% ctx().p = 1 %>
                publish: [{p: 1}, {q: <% ctx().p %>}]
                do: [b, j, ghost]
              - publish: r=1
                do: j
              - do: fail
          b: {action: x, input: {m: <% ctx().q %>}, next: [{do: j}, {do: b}]}
          j: {action: x, join: all, input: {m: <% ctx().r + ctx().q + ctx().z %>}}
          island: {action: x, input: {m: <% ctx().nope %>}, next: [{do: island}]}
        output: [{o: <% ctx().q %>}, {w: <% ctx().o %>}, {e: <% ctx().nowhere %>}]
        """
    )
    found = [(each.variable, each.path) for each in coded(checked, Code.UNDEFINED_VARIABLE)]
    assert found == [
        ("never", "input[2]"),
        ("p", "tasks.a.next[0].when"),
        ("z", "tasks.j.input"),
        ("nowhere", "output[2]"),
    ]


def test_a_task_is_looked_at_on_every_way_to_it() -> None:
    checked = orquesta(
        """\
        tasks:
          a: {action: x, next: [{publish: [{p: 1}], do: c}]}
          b: {action: x, next: [{do: c}]}
          c: {action: x, input: {m: <% ctx().p %>}}
        """
    )
    found = [(each.variable, each.path) for each in coded(checked, Code.UNDEFINED_VARIABLE)]
    assert found == [("p", "tasks.c.input")]


def test_ways_that_are_too_many_to_walk_are_not_walked_to_the_end() -> None:
    lines = ["version: 1.0", "vars: [{x: 1}]", "tasks:"]
    for n in range(40):
        lines += [
            f"  a{n}: {{action: x, next: [{{do: [b{n}, c{n}]}}]}}",
            f"  b{n}: {{action: x, next: [{{publish: [{{p{n}: 1}}], do: a{n + 1}}}]}}",
            f"  c{n}: {{action: x, next: [{{publish: [{{q{n}: 1}}], do: a{n + 1}}}]}}",
        ]
    lines += ["  a40: {action: x}", "output: [{o: <% ctx().anything %>}]"]
    assert check("\n".join(lines)).valid


@pytest.mark.parametrize(
    ("expression", "severity"),
    [
        ("<% ctx().nope %>", Severity.ERROR),
        ("<% ctx('nope') %>", Severity.ERROR),
        ("<% 'ctx().nope' %>", Severity.ERROR),
        ("{% raw %}{{ ctx().nope }}{% endraw %}", Severity.ERROR),
        ("{{ ctx()['nope'] }}", Severity.WARNING),
        ("{{ ctx( 'nope' ) }}", Severity.WARNING),
    ],
)
def test_files_of_orquesta_are_warned_of_a_variable_that_orquesta_overlooks(
    expression: str, severity: Severity
) -> None:
    checked = orquesta(f'tasks: {{a: {{action: x, input: {{m: "{expression}"}}}}}}\n')
    (found,) = coded(checked, Code.UNDEFINED_VARIABLE)
    assert (found.severity, found.variable) == (severity, "nope")
