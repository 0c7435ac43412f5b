"""The variable `st2`, which StackStorm puts around Orquesta's files."""

import pytest

from segue.checking import HOSTED, check
from segue.checking.hosted import hosted_context
from segue.language import Language
from segue.values import JsonValue

SPEAKS = "version: 1.0\ntasks: {a: {action: core.echo message=<% ctx().st2.user %>}}\n"
SILENT = "version: 1.0\ntasks: {a: {action: core.echo message=<% ctx() %>}}\n"
NATIVE = "segue: 1\ntasks: {a: {action: core.echo, input: {message: '{{ ctx.st2 }}'}}}\n"


def test_files_of_orquesta_find_the_variable_of_stackstorm() -> None:
    assert check(SPEAKS, hosted=HOSTED).findings == ()
    assert not check(SPEAKS).valid, "a host that conducts says itself what there is"
    assert not check(NATIVE, hosted=HOSTED).valid


def test_where_nothing_gives_it_an_input_can() -> None:
    [found] = check(SPEAKS).findings
    assert found.hint == "nothing gives it here: name `st2` among the inputs"
    assert check(SPEAKS.replace("tasks", "input: [st2]\ntasks")).valid


@pytest.mark.parametrize(
    ("kept", "user"), [(None, "ann"), ({"user": "stanley"}, "stanley"), ("text", "ann")]
)
def test_what_is_kept_goes_before_what_is_known(kept: JsonValue, user: str) -> None:
    given = hosted_context(
        SPEAKS, Language.ORQUESTA, workflow="ops.deploy", execution="x1", user="ann", kept=kept
    )
    assert given == {
        "st2": {
            "action_execution_id": "x1",
            "workflow_execution_id": "x1",
            "user": user,
            "pack": "ops",
            "action": "ops.deploy",
            "runner": "orquesta",
            "api_url": None,
        }
    }


@pytest.mark.parametrize(
    ("text", "language"),
    [(SILENT, Language.ORQUESTA), (NATIVE, Language.NATIVE), (SPEAKS, None)],
)
def test_a_file_that_does_not_speak_of_it_is_given_nothing(
    text: str, language: Language | None
) -> None:
    assert hosted_context(text, language, workflow="w", execution="x1", user=None) == {}
