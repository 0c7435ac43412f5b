"""`item()` and `index()` where there is no item, and parts that the item does not have."""

import pytest
from tests.checking.found import coded, native, orquesta, places

from segue.checking import Checked
from segue.language.codes import Code
from segue.language.findings import Finding


def of_task(text: str) -> Checked:
    """Check a file with one task, whose mapping begins in column 12 of line 2."""
    return native(f"tasks: {{a: {{{text}}}, b: {{}}}}\n")


def outside(checked: Checked) -> Finding:
    """Return the one finding of an item where there is none."""
    assert [each.code for each in checked.findings] == [Code.NO_ITEM]
    return checked.findings[0]


@pytest.mark.parametrize(
    "field",
    [
        "action: \"{{ item('action') }}\"",
        'action: core.echo, input: {message: "{{ item() }} {{ index() }}"}',
        'action: core.echo, input: "{{ {index(): item()} }}"',
        'action: core.echo, timeout: "<% item().seconds %>"',
    ],
)
def test_an_item_is_known_to_what_is_rendered_for_each(field: str) -> None:
    assert of_task(f"with: '{{{{ [] }}}}', {field}").findings == ()


@pytest.mark.parametrize(
    ("field", "path"),
    [
        ('with: {items: "{{ [item()] }}"}', "with.items"),
        ('with: {items: [1], concurrency: "{{ item() }}"}', "with.concurrency"),
        ('with: {items: [1], batch: "{{ item() }}"}', "with.batch"),
        ('with: {items: [1], max_failures: "{{ item() }}"}', "with.max_failures"),
        ('with: [1], delay: "{{ item() }}"', "delay"),
        ('with: [1], retry: {count: "{{ item() }}"}', "retry.count"),
        ("with: [1], retry: {count: 1, when: item() == 1}", "retry.when"),
        ("with: [1], next: [{when: item() == 1, do: b}]", "next[0].when"),
        ('with: [1], next: [{publish: {x: "{{ item() }}"}}]', "next[0].publish[0]"),
        ('action: core.echo, input: {message: "{{ item() }}"}', "input"),
    ],
)
def test_an_item_is_not_known_to_anything_else_of_a_task(field: str, path: str) -> None:
    found = outside(of_task(field))
    assert found.path == f"tasks.a.{path}"
    assert found.message == "`item()` has no value here"


@pytest.mark.parametrize("key", ["vars", "output"])
def test_an_item_is_not_known_outside_of_tasks(key: str) -> None:
    found = outside(native(f'{key}: {{x: "<% index() %>"}}\ntasks: {{a: {{}}}}\n'))
    assert found.message == "`index()` has no value here"


def test_the_hint_says_what_there_is_instead() -> None:
    plain = outside(of_task('action: core.echo, input: {message: "{{ item() }}"}'))
    assert (plain.hint or "").endswith("know one: give `a` a `with`")
    after = outside(of_task('with: [1], next: [{publish: {x: "{{ item() }}"}}]'))
    assert (after.hint or "").endswith("`result()` is the list of their results")
    no_items = outside(of_task('next: [{publish: {x: "{{ item() }}"}}]'))
    assert (no_items.hint or "").endswith("know one")


def test_only_calls_of_the_functions_count() -> None:
    text = (
        "vars: {item: {index: 1}, x: \"{{ ctx.item.index + ctx()['item'].index }} item()\"}\n"
        "tasks: {a: {action: core.echo, input: {message: "
        '"{% for item in [1] %}{{ item }}{% endfor %}", other: "<% ctx().item.get(index) %>"}}}\n'
    )
    assert native(text).findings == ()


@pytest.mark.parametrize(
    ("items", "asked", "name"),
    [
        ("'host in {{ [1] }}'", "item('hots')", "hots"),
        ("'host in {{ [1] }}'", "item().hots", "hots"),
        ("'host in {{ [1] }}'", "item()['hots']", "hots"),
        ("{items: [[1, 2]], as: [host, port]}", "item('prot')", "prot"),
        ("{items: {host: [1], port: [2]}}", "item('user')", "user"),
        ("{items: [1], as: host, batch: 2}", "item('host')", "host"),
        ("{items: [1], batch: 2}", "item('host')", "host"),
    ],
)
def test_parts_that_the_item_does_not_have_are_found(items: str, asked: str, name: str) -> None:
    value = f'"{{{{ {asked} }}}}"'
    checked = of_task(f"with: {items}, action: core.echo, input: {{message: {value}}}")
    [found] = coded(checked, Code.UNKNOWN_ITEM_PART)
    assert checked.findings == (found,)
    assert f"`{name}`" in found.message
    line = f"tasks: {{a: {{with: {items}, action: core.echo, input: {{message: {value}"
    shown = line[found.span.column - 1 : found.span.end_column - 1]
    assert shown.strip("'") == name


@pytest.mark.parametrize(
    ("items", "asked"),
    [
        ("'host in {{ [1] }}'", "item('host')"),
        ("'host in {{ [1] }}'", "item(ctx.name)"),
        ("'host in {{ [1] }}'", "item().get('hots')"),
        ("'host in {{ [1] }}'", "item().hots | default(1)"),
        ("[{host: 1}]", "item('host')"),
        ("{items: [1], batch: 2}", "item()[0]"),
    ],
)
def test_parts_that_the_item_may_have_are_not(items: str, asked: str) -> None:
    checked = native(
        "vars: {name: host}\n"
        f"tasks: {{a: {{with: {items}, action: core.echo, "
        f'input: {{message: "{{{{ {asked} }}}}"}}}}}}\n'
    )
    assert checked.findings == ()


def test_the_hint_names_the_parts_there_are() -> None:
    [near] = of_task(
        "with: {items: [1], as: host}, action: core.echo, input: {message: '<% item(hots) %>'}"
    ).findings
    assert near.hint == "did you mean `host`?"
    [far] = of_task(
        "with: {items: [[1, 2]], as: [x, y]}, action: core.echo, "
        "input: {message: '<% item(port) %>'}"
    ).findings
    assert far.hint == "it has `x`, `y`"


def test_a_part_of_the_item_is_no_variable() -> None:
    checked = of_task("with: {items: [1], as: host}, action: core.echo, input: '{{ ctx.host }}'")
    [found] = coded(checked, Code.UNDEFINED_VARIABLE)
    assert found.hint == "it is a part of the item: `item('host')`"


def test_nothing_is_said_of_items_in_orquesta_files() -> None:
    text = (
        "tasks: {a: {action: x, with: 'host in <% [1] %>', input: {m: '<% item(hots) %>'},\n"
        "  next: [{publish: [{x: <% item() %>}]}]}}\n"
    )
    assert places(orquesta(text)) == []


def test_a_list_of_items_that_is_rendered_can_fail_and_one_that_is_written_out_can_not() -> None:
    for items, codes in (("[1, 2]", []), ("'{{ [1] }}'", [Code.SWALLOWED_FAILURE])):
        checked = native(
            f"tasks: {{a: {{action: core.noop, with: {items}, next: [{{do: b}}]}}, b: {{}}}}\n"
        )
        assert [each.code for each in checked.findings] == codes
