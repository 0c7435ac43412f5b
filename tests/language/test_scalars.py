"""What scalars stand for, in YAML 1.2 natively and in YAML 1.1 in Orquesta's files."""

import pytest
import yaml
from tests.language.found import native, only, orquesta, workflow_of

from segue.language.codes import Code
from segue.language.nodes import Scalar, Style
from segue.language.scalars import Dialect, ScalarValue, Unusable, resolve


def value_of(text: str, dialect: Dialect, tag: str | None = None) -> ScalarValue | Unusable:
    return resolve(Scalar(start=0, end=0, text=text, tag=tag), dialect)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("", None),
        ("~", None),
        ("null", None),
        ("true", True),
        ("FALSE", False),
        ("no", "no"),
        ("on", "on"),
        ("012", 12),
        ("0o14", 12),
        ("0x1F", 31),
        ("-7", -7),
        ("1_000", "1_000"),
        ("1:30", "1:30"),
        ("1.5", 1.5),
        (".5", 0.5),
        ("1e3", 1000.0),
        ("2024-05-01", "2024-05-01"),
        ("-", "-"),
        ("text", "text"),
    ],
)
def test_native_files_are_yaml_1_2(text: str, value: ScalarValue) -> None:
    found = value_of(text, Dialect.YAML_1_2)
    assert (found, type(found)) == (value, type(value))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "~",
        "null",
        "yes",
        "No",
        "on",
        "OFF",
        "true",
        "012",
        "0b101",
        "0x1F",
        "-0x1f",
        "+12",
        "1_000",
        "1:30",
        "-1:30:15",
        "1:30.5",
        "1.5",
        "-1.5e+3",
        "1e3",
        ".5",
        "._",
        "0",
        "0_7",
        "190:20:30.15",
        "text",
        "1.",
        "12e03",
        "0o14",
        "08",
        "y",
    ],
)
def test_orquesta_files_are_yaml_1_1_as_pyyaml_reads_it(text: str) -> None:
    expected = yaml.safe_load(text) if text else None
    found = value_of(text, Dialect.YAML_1_1)
    assert (found, type(found)) == (expected, type(expected))


@pytest.mark.parametrize(
    "text",
    [
        "2001-12-14",
        "2001-12-14t21:59:43.10-05:00",
        "2001-12-14 21:59:43.10 -5",
        "2001-1-4 1:59:43",
        "2001-12-14T21:59:43Z",
        "2001-12-14T21:59:43+05:30",
        "2001-12-14 21:59:43.1234567",
    ],
)
def test_dates_of_yaml_1_1_become_text_in_iso_format(text: str) -> None:
    assert value_of(text, Dialect.YAML_1_1) == yaml.safe_load(text).isoformat()


@pytest.mark.parametrize("text", ["2001-02-30", "2001-02-03T25:00:00", "2001-02-03T10:00:00+99:00"])
def test_dates_that_the_calendar_does_not_have_are_unusable(text: str) -> None:
    assert isinstance(value_of(text, Dialect.YAML_1_1), Unusable)


@pytest.mark.parametrize("dialect", list(Dialect))
@pytest.mark.parametrize("text", [".inf", "-.Inf", ".NaN", "1.5e+999", "9" * 301, "9" * 5000])
def test_numbers_that_json_does_not_have_are_unusable(text: str, dialect: Dialect) -> None:
    assert isinstance(value_of(text, dialect), Unusable)


@pytest.mark.parametrize("text", ["0x" + "f" * 260, "0b" + "1" * 5000, "0b_", "1:30" + ":30" * 100])
def test_numbers_beyond_all_bounds_are_unusable_in_every_base(text: str) -> None:
    assert isinstance(value_of(text, Dialect.YAML_1_1), Unusable)


@pytest.mark.parametrize(
    ("tag", "text", "value"),
    [
        ("str", "12", "12"),
        ("int", "12", 12),
        ("float", "12", 12.0),
        ("float", "1.5", 1.5),
        ("bool", "true", True),
        ("null", "", None),
    ],
)
def test_tags_of_json_types_are_known(tag: str, text: str, value: ScalarValue) -> None:
    found = value_of(text, Dialect.YAML_1_2, f"tag:yaml.org,2002:{tag}")
    assert (found, type(found)) == (value, type(value))


def test_the_tag_of_plain_text_makes_text() -> None:
    assert value_of("12", Dialect.YAML_1_2, "!") == "12"


@pytest.mark.parametrize(
    ("tag", "text", "reason"),
    [
        ("tag:yaml.org,2002:int", "true", "not what its tag `!!int` says"),
        ("tag:yaml.org,2002:int", "text", "not what its tag `!!int` says"),
        ("tag:yaml.org,2002:binary", "aGk=", "the tag `!!binary` is not supported"),
        ("!mine", "x", "the tag `!mine` is not supported"),
        ("str", "x", "the tag `str` is not supported"),
    ],
)
def test_other_tags_are_unusable(tag: str, text: str, reason: str) -> None:
    found = value_of(text, Dialect.YAML_1_2, tag)
    assert isinstance(found, Unusable)
    assert reason in found.reason


def test_quoted_text_is_text() -> None:
    node = Scalar(start=0, end=0, text="12", style=Style.DOUBLE)
    assert resolve(node, Dialect.YAML_1_1) == "12"


def test_what_can_not_be_used_is_found_where_it_is() -> None:
    found = only(native("vars: {x: [1, .inf]}\ntasks: {a: {}}\n"))
    assert (found.code, found.path) == (Code.UNUSABLE_VALUE, "vars.x[1]")
    assert found.hint == "quote it if it is meant as text"


def test_tags_of_lists_and_mappings_are_refused() -> None:
    assert [each.code for each in native("vars: {x: !!set {a: }}\ntasks: {a: {}}\n").findings] == [
        Code.UNUSABLE_VALUE
    ]
    assert [each.code for each in native("vars: {x: !mine [1]}\ntasks: {a: {}}\n").findings] == [
        Code.UNUSABLE_VALUE
    ]
    assert not native("vars: {x: !!map {a: 1}, y: !!seq [1]}\ntasks: {a: {}}\n").findings


def test_keys_are_text_natively_whatever_they_look_like() -> None:
    loaded = native("vars: {x: {1: a, no: b, 1.0: c, ~: d, 'x y': e}}\ntasks: {a: {}}\n")
    (variable,) = workflow_of(loaded).vars
    assert variable.value.value == {"1": "a", "no": "b", "1.0": "c", "~": "d", "x y": "e"}


def test_keys_of_orquesta_data_are_spelled_as_json_spells_them() -> None:
    loaded = orquesta(
        "vars: [{x: {1: a, no: b, 1.5: c, ~: d, 'no': e}}]\ntasks: {a: {action: b}}\n"
    )
    (variable,) = workflow_of(loaded).vars
    expected = {"1": "a", "false": "b", "1.5": "c", "null": "d", "no": "e"}
    assert variable.value.value == expected


@pytest.mark.parametrize("key", ["[a]", "{a: b}"])
def test_a_key_that_is_a_list_or_mapping_is_refused(key: str) -> None:
    found = only(native(f"vars: {{x: {{? {key} : 1}}}}\ntasks: {{a: {{}}}}\n"))
    assert found.code == Code.KEY_NOT_TEXT


def test_a_key_that_can_not_be_read_is_refused() -> None:
    found = only(orquesta("vars: [{x: {.inf: 1}}]\ntasks: {a: {action: b}}\n"))
    assert found.code == Code.KEY_NOT_TEXT


def test_an_expression_without_quotes_is_recognised() -> None:
    found = only(native("vars:\n  x: {y: {{ ctx.z }}}\ntasks: {a: {}}\n"))
    assert (found.code, found.span.line, found.span.column) == (Code.KEY_NOT_TEXT, 3, 10)
    assert found.hint == 'write "{{ ... }}"'
