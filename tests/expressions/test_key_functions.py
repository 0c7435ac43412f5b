"""Keys of the key store in expressions: `key` natively, `st2kv` as StackStorm's files have it."""

import pytest
from tests.expressions.evaluating import error, value

from segue.expressions import FactMissingError, Reason, inspect_template
from segue.expressions.scope import Facts, Scope
from segue.values import JsonValue

BOTH = pytest.mark.parametrize("delimiters", ["{{ %s }}", "<%% %s %%>"], ids=["jinja", "yaql"])
EACH = pytest.mark.parametrize("function", ["key", "st2kv"])

KEYS: dict[str, JsonValue] = {
    "system.host": "web-1",
    "system.db.host": "db-1",
    "own": "mine",
    "a.b": "dotted",
    "limits": {"cpu": 2, "names": ["a"]},
    "count": 7,
    "off": False,
    "empty": "",
    "gone": None,
    "system.gone": None,
}
SCOPE = Scope(context={"name": "own"}, facts=Facts(now=0.0, keys=KEYS))


@BOTH
@EACH
def test_a_key_is_read_by_its_name(delimiters: str, function: str) -> None:
    assert value(delimiters % f"{function}('system.host')", SCOPE) == "web-1"
    assert value(delimiters % f"{function}(ctx().name)", SCOPE) == "mine"
    assert value("at " + delimiters % f"{function}('own')", SCOPE) == "at mine"


@BOTH
def test_natively_a_key_has_the_value_that_was_set(delimiters: str) -> None:
    assert value(delimiters % "key('limits').cpu", SCOPE) == 2
    assert value(delimiters % "key('count')", SCOPE) == 7
    assert value(delimiters % "key('off')", SCOPE) is False
    assert value(delimiters % "key('empty')", SCOPE) == ""


@BOTH
def test_for_stackstorm_a_key_is_text(delimiters: str) -> None:
    assert value(delimiters % "st2kv('limits')", SCOPE) == '{"cpu": 2, "names": ["a"]}'
    assert value(delimiters % "from_json_string(st2kv('limits')).names", SCOPE) == ["a"]
    assert value(delimiters % "st2kv('count')", SCOPE) == "7"
    assert value(delimiters % "st2kv('off')", SCOPE) == "false"


@pytest.mark.parametrize(
    "template",
    [
        "{{ %s('gone', default='x') }}",
        "<%% %s('gone', default => 'x') %%>",
        "{{ %s('gone') | default('x') }}",
    ],
)
@EACH
def test_a_key_that_is_not_there_can_have_a_default(function: str, template: str) -> None:
    assert value(template % function, SCOPE) == "x"


@EACH
def test_null_is_a_default_too(function: str) -> None:
    assert value(f"{{{{ {function}('gone', default=none) }}}}", SCOPE) is None
    assert value(f"<% {function}('gone', default => null) %>", SCOPE) is None


@EACH
def test_a_default_keeps_its_type_and_is_not_for_a_key_that_is_there(function: str) -> None:
    assert value(f"{{{{ {function}('gone', default=[1]) }}}}", SCOPE) == [1]
    assert value(f"{{{{ {function}('own', default=[1]) }}}}", SCOPE) == "mine"
    assert value(f"{{{{ {function}('empty', default='x') }}}}", SCOPE) == ""
    assert value(f"{{{{ {function}('gone') is defined }}}}", SCOPE) is False
    assert value(f"{{{{ {function}('own') is defined }}}}", SCOPE) is True


@BOTH
@EACH
def test_without_a_default_a_key_that_is_not_there_is_an_error(
    delimiters: str, function: str
) -> None:
    raised = error(delimiters % f"{function}('gone')", SCOPE)

    assert raised.reason is Reason.UNDEFINED
    assert "there is no key 'gone' in the key store" in raised.message


@BOTH
@EACH
def test_a_key_that_is_not_known_yet_is_asked_for(delimiters: str, function: str) -> None:
    with pytest.raises(FactMissingError) as caught:
        value(delimiters % f"{function}('other.key')", SCOPE)

    assert (caught.value.kind, caught.value.name) == ("key", "other.key")


@BOTH
@pytest.mark.parametrize(
    ("call", "message"),
    [
        ("key(1)", "the name of a key must be text, not a number"),
        ("st2kv(null)", "the name of a key must be text, not null"),
        ("key('a\\nb')", "'a\\nb' can't be the name of a key"),
        ("key()", "key() takes 1 argument (name, default)"),
        ("st2kv('own', true)", "st2kv() takes 1 argument (key, decrypt, default)"),
    ],
)
def test_a_call_that_can_not_be_is_an_error(delimiters: str, call: str, message: str) -> None:
    call = call.replace("null", "none") if delimiters.startswith("{") else call

    assert message in error(delimiters % call, SCOPE).message


def test_decrypting_what_is_kept_in_clear_gives_it_as_it_is() -> None:
    assert value("{{ st2kv('system.host', decrypt=true) }}", SCOPE) == "web-1"
    assert value("<% st2kv('system.host', decrypt => true) %>", SCOPE) == "web-1"
    assert value("{{ st2kv('gone', default='', decrypt=false) }}", SCOPE) == ""
    assert (
        "decrypt is true or false, not a text"
        in error("{{ st2kv('system.host', decrypt='yes') }}", SCOPE).message
    )


@pytest.mark.parametrize(
    ("template", "expected"),
    [
        ("{{ st2kv.system.host }}", "web-1"),
        ("{{ st2kv.system.db.host }}", "db-1"),
        ("{{ st2kv.system['host'] }}", "web-1"),
        ("{{ st2kv['system']['db'].host }}", "db-1"),
        ("{{ st2kv.user.own }}", "mine"),
        ("{{ st2kv.user.a.b }}", "dotted"),
        ("{{ st2kv.system.host | upper }}", "WEB-1"),
        ("{{ st2kv.system.host.split('-')[1] }}", "1"),
        ("{{ st2kv.system.host[0] }}", "w"),
        ("{{ st2kv.system.gone | default('x') }}", "x"),
        ("http://{{ st2kv.system.host }}/", "http://web-1/"),
        ("{% if st2kv.system.host %}{{ st2kv.user.own }}{% endif %}", "mine"),
    ],
)
def test_in_jinja_a_key_can_be_read_like_an_attribute(template: str, expected: str) -> None:
    assert value(template, SCOPE) == expected
    assert inspect_template(template) == ()


@pytest.mark.parametrize(
    ("template", "message"),
    [
        ("{{ st2kv.system.gone }}", "there is no key 'system.gone'"),
        ("{{ st2kv.other.x }}", "st2kv is a function: call it"),
        ("{{ st2kv.system }}", "st2kv is a function: call it"),
        ("{{ st2kv.system[ctx().name] }}", "st2kv is a function: call it"),
        ("{{ st2kv.system[1:] }}", "st2kv is a function: call it"),
        ("{{ result.x }}", "result is a function: call it"),
    ],
)
def test_what_is_no_key_is_an_error(template: str, message: str) -> None:
    assert message in error(template, SCOPE).message


@pytest.mark.parametrize(
    "template",
    ["{{ st2kv.system.host | decrypt_kv }}", "{{ decrypt_kv(1) }}", "<% decrypt_kv(1) %>"],
)
def test_decrypt_kv_is_known_by_name_and_refused(template: str) -> None:
    [found] = inspect_template(template)

    assert "decrypt_kv" in found.message
    assert "not built" in found.message
    assert found.reason is Reason.UNDEFINED
    assert "not built" in error(template, SCOPE).message


def test_variables_of_the_environment_can_have_a_default_too() -> None:
    scope = Scope(context={}, facts=Facts(now=0.0, env={"HOME": "/h", "NOPE": None}))

    assert value("{{ env('NOPE') | default('x') }}", scope) == "x"
    assert value("{{ env('HOME') | default('x') }}", scope) == "/h"
    assert value("{{ env('NOPE') is defined }}", scope) is False
