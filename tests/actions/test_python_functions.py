"""Functions as actions: what they take, what they give, and how they fail."""

import asyncio
import sys
import textwrap
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from types import MappingProxyType

import pytest
from tests.actions import sample_functions
from tests.actions.stage import Stage

from segue.actions import python
from segue.actions.inputs import check_input
from segue.actions.port import ActionNotFoundError, Call
from segue.actions.python import PythonFunction, action
from segue.actions.registry import Registry
from segue.actions.running import run_action
from segue.core.stimuli import Failed, Outcome, Succeeded
from segue.values import JsonValue

SAMPLES = "tests.actions.sample_functions"


def run(stage: Stage, function: str, **given: JsonValue) -> Outcome:
    return asyncio.run(stage.run(f"{SAMPLES}:{function}", **given))


@pytest.fixture(autouse=True)
def forget_registered_functions(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(python, "_registered", {})


@pytest.mark.parametrize("function", ["add", "add_later"])
def test_function_is_called_with_its_input(stage: Stage, function: str) -> None:
    assert run(stage, function, a=1, b=2) == Succeeded(result=3)
    assert run(stage, function, a=1) == Succeeded(result=2)


def test_attributes_and_callable_objects_are_functions_too(stage: Stage) -> None:
    assert run(stage, "Tools.double", x=2) == Succeeded(result=4)
    assert run(stage, "add_two", x=2) == Succeeded(result=4)


def test_parameters_are_read_off_the_signature() -> None:
    assert PythonFunction("x", sample_functions.add).parameters == {
        "description": "Add two numbers.",
        "type": "object",
        "properties": {"a": {"type": "integer"}, "b": {"type": "integer", "default": 1}},
        "required": ["a"],
        "additionalProperties": False,
    }


def test_annotations_become_schemas() -> None:
    parameters = PythonFunction("x", sample_functions.typed_well).parameters
    assert parameters["properties"] == {
        "host": {"$ref": "#/definitions/Host"},
        "hosts": {
            "anyOf": [
                {"type": "array", "items": {"$ref": "#/definitions/Host"}},
                {"type": "null"},
            ],
            "default": None,
        },
        "size": {"$ref": "#/definitions/Size", "default": "small"},
        "pair": {
            "type": "array",
            "items": [{"type": "integer"}, {"type": "string"}],
            "additionalItems": False,
            "minItems": 2,
            "maxItems": 2,
            "default": [1, "x"],
        },
        "folder": {"type": "string", "default": "/tmp"},
        "at": {
            "anyOf": [{"type": "string"}, {"type": "null"}],
            "default": None,
        },
        "percent": {
            "type": "number",
            "minimum": 0,
            "maximum": 100,
            "description": "How much.",
            "default": 0,
        },
    }


def test_arguments_arrive_as_what_they_are_annotated_as(stage: Stage) -> None:
    outcome = run(
        stage,
        "typed_well",
        host={"name": "a"},
        hosts=[{"name": "b", "port": 1}],
        size="large",
        pair=[2, "y"],
        folder="/var",
        at="2026-01-02T03:04:05Z",
        percent=5,
    )
    assert outcome == Succeeded(
        result=[
            ["Host", "Size", "tuple", "PosixPath", "datetime", "float"],
            {"name": "a", "port": 22},
            [{"name": "b", "port": 1}],
            "large",
            [2, "y"],
            "/var",
            "2026-01-02T03:04:05Z",
            5.0,
        ]
    )


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({}, "`host` is missing"),
        ({"host": {"port": 1}}, '`host`: "name" is a required property'),
        ({"host": {"name": 1}}, "`host.name` must be text, not 1"),
        ({"host": {"name": "a"}, "pair": [1, "x", 2]}, "`pair`: "),
        ({"host": {"name": "a"}, "percent": 101}, "`percent`: 101 is greater than "),
        ({"host": {"name": "a"}, "hots": 1}, "there is no parameter `hots`; did you mean `hosts`?"),
        ({"host": {"name": "a"}, "at": "soon"}, "`at`: Invalid RFC3339 encoded datetime"),
    ],
)
def test_wrong_arguments_are_named(stage: Stage, given: dict[str, JsonValue], message: str) -> None:
    outcome = run(stage, "typed_well", **given)
    assert isinstance(outcome, Failed)
    assert outcome.code == "invalid_input"
    assert outcome.message.startswith(f"{SAMPLES}:typed_well: {message}")


def test_function_without_annotations_takes_anything(stage: Stage) -> None:
    assert run(stage, "untyped", a=[1], more={"x": None}) == Succeeded(
        result=[[1], None, {"more": {"x": None}}]
    )


def test_annotation_that_means_nothing_is_no_limit(stage: Stage) -> None:
    outcome = run(stage, "typed", host={"name": "a"}, strange=[1], mode="b")
    assert isinstance(outcome, Succeeded)
    assert isinstance(outcome.result, list)
    assert outcome.result[0] == {"name": "a", "port": 22}
    assert outcome.result[-1] == [1]


def test_call_is_handed_to_whoever_asks_for_it(stage: Stage) -> None:
    stage.attempt = 2
    assert run(stage, "who_am_i", greeting="hi") == Succeeded(
        result={"key": "x1/probe/1", "attempt": 2, "thread": False}
    )
    assert run(stage, "who_am_i_async") == Succeeded(
        result={"key": "x1/probe/1", "attempt": 2, "thread": True}
    )
    assert stage.logged == [("log", "hi from a thread\n"), ("log", "hello\n")]


def test_call_is_no_part_of_the_input() -> None:
    function = PythonFunction("x", sample_functions.who_am_i)
    assert check_input(function, {"greeting": "hi", "this": 1}) == (
        "there is no parameter `this`; there are `greeting`",
    )


def test_call_is_known_by_an_annotation_that_cannot_be_evaluated(stage: Stage) -> None:
    def function(this: str, other: str) -> bool:
        return isinstance(this, Call)

    function.__annotations__ = {"this": "unknown.Call", "other": "Unknown"}

    stage.registry.register(PythonFunction("x.y", function))
    assert asyncio.run(stage.run("x.y", other=1)) == Succeeded(result=True)


def test_function_may_change_what_it_is_given(stage: Stage) -> None:
    items: tuple[int, ...] = (1,)
    options = MappingProxyType({"old": 0})
    outcome = run(stage, "change", items=items, options=options)
    assert outcome == Succeeded(result=[[1, 9], {"old": 0, "new": 1}])
    assert items == (1,)
    assert dict(options) == {"old": 0}


# -- failing --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("function", "message"),
    [
        ("broken", "ValueError: no such host"),
        ("silent", "KeyError"),
        ("unprintable", "UnprintableError"),
        ("verbose", f"ValueError: {'x' * 1999}…"),
        ("leave", "SystemExit: 3"),
        ("stop", "RuntimeError: coroutine raised StopIteration"),
        ("cancel_itself", "CancelledError"),
        ("outside", "OutsideError: of all"),
        ("interrupt", "RuntimeError: the function raised KeyboardInterrupt"),
        ("let_go", "GeneratorExit: done"),
        ("let_go_later", "GeneratorExit: done"),
        ("garbled", r"ValueError: half a \ud83d face"),
    ],
)
def test_exception_is_an_outcome(stage: Stage, function: str, message: str) -> None:
    assert run(stage, function) == Failed(code="action_error", message=message)


@pytest.mark.parametrize("function", ["log_bytes", "log_bytes_later"])
def test_log_takes_text_and_says_so_to_who_gives_it_something_else(
    stage: Stage, function: str
) -> None:
    message = "TypeError: call.log takes the name of a stream and a text, not str and bytes"
    assert run(stage, function) == Failed(code="action_error", message=message)
    assert all(isinstance(text, str) for _, text in stage.logged)


def test_a_run_that_is_thrown_away_says_nothing(stage: Stage) -> None:
    running = run_action(stage.registry, f"{SAMPLES}:forever", stage.call({}))

    async def begin() -> None:
        running.send(None)

    asyncio.run(begin())
    running.close()
    assert stage.logged == []


def test_traceback_goes_to_the_log_and_begins_with_the_code_of_the_user(stage: Stage) -> None:
    run(stage, "broken")
    lines = stage.text("log").splitlines()
    assert lines[0] == "Traceback (most recent call last):"
    assert "sample_functions.py" in lines[1]
    assert lines[-1] == "ValueError: no such host"


def test_function_may_fail_with_a_code_and_a_result_of_its_own(stage: Stage) -> None:
    outcome = run(stage, "refuse")
    assert isinstance(outcome, Failed)
    assert (outcome.code, outcome.message) == ("quota", "over quota")
    assert outcome.result == {"left": 0}
    assert stage.logged == []


def test_coroutine_function_is_ended_by_a_cancellation(stage: Stage) -> None:
    async def scenario() -> None:
        async with asyncio.timeout(0):
            await stage.run(f"{SAMPLES}:forever")

    with pytest.raises(TimeoutError):
        asyncio.run(scenario())


def test_function_in_a_thread_goes_on_after_a_cancellation_and_nobody_listens(
    stage: Stage,
) -> None:
    go, entered, done = threading.Event(), threading.Event(), threading.Event()

    def function(this: Call) -> str:
        entered.set()
        assert go.wait(30)
        this.log("log", "too late\n")
        done.set()
        return "too late"

    stage.registry.register(PythonFunction("x.y", function))

    async def scenario() -> None:
        running = asyncio.create_task(stage.run("x.y"))
        await asyncio.to_thread(entered.wait)
        running.cancel()
        with pytest.raises(asyncio.CancelledError):
            await running
        go.set()
        await asyncio.to_thread(done.wait)
        await asyncio.sleep(0)

    asyncio.run(scenario())
    assert stage.logged == []


# -- names ----------------------------------------------------------------------------------------


def test_decorated_function_is_an_action_and_stays_what_it_is(stage: Stage) -> None:
    @action("math.add")
    def add(a: int, b: int) -> int:
        return a + b

    assert add(1, 2) == 3
    assert "math.add" in stage.registry.names()
    assert asyncio.run(stage.run("math.add", a=1, b=2)) == Succeeded(result=3)


def test_name_belongs_to_one_function() -> None:
    action("math.add")(sample_functions.add)
    action("math.add")(sample_functions.add)  # the module was loaded again
    with pytest.raises(ValueError, match=f"'math.add' is registered already, by {SAMPLES}:add$"):
        action("math.add")(sample_functions.add_later)


@pytest.mark.parametrize("name", ["", "add", ".add", "math.", "a:b.c", "math.a b", " math.add"])
def test_name_of_an_action_has_a_pack(name: str) -> None:
    with pytest.raises(ValueError, match=r"it has the form 'pack\.name'$"):
        action(name)


def test_pack_of_the_engine_is_its_own() -> None:
    with pytest.raises(ValueError, match="the pack 'core' is the engine's own"):
        action("core.echo")


@pytest.fixture
def written(tmp_path: Path) -> Iterator[Callable[[str, str], Registry]]:
    """Write a module, and give a registry that finds it."""
    before = list(sys.path), set(sys.modules)

    def write(name: str, text: str) -> Registry:
        (tmp_path / f"{name}.py").write_text(textwrap.dedent(text))
        return Registry(search_path=[tmp_path])

    yield write
    sys.path[:] = before[0]
    for name in set(sys.modules) - before[1]:
        del sys.modules[name]


Written = Callable[[str, str], Registry]


def test_module_is_found_on_the_search_path(written: Written, tmp_path: Path) -> None:
    written("segue_sample_neighbour", "x = 5")
    registry = written(
        "segue_sample_here",
        """
        def later():
            import segue_sample_neighbour
            return segue_sample_neighbour.x
        """,
    )
    assert str(tmp_path) not in sys.path
    stage = Stage(registry=registry)
    assert asyncio.run(stage.run("segue_sample_here:later")) == Succeeded(result=5)
    assert sys.path[-1] == str(tmp_path)


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("no_such_module:f", "there is no module `no_such_module`"),
        ("segue.nothing:f", "there is no module `segue.nothing`"),
        (
            f"{SAMPLES}:ad",
            f"the module `{SAMPLES}` has no function `ad`; did you mean `add`?",
        ),
        (
            f"{SAMPLES}:not_a_function",
            f"`{SAMPLES}:not_a_function` is no function, it is of the type `int`",
        ),
        ("builtins:dict", "`builtins:dict` can't be an action: it does not say what it takes"),
        (":f", "`:f` is not the name of an action: it has the form `module:function`"),
        ("..m:f", "`..m:f` is not the name of an action: it has the form `module:function`"),
        ("m:", "`m:` is not the name of an action: it has the form `module:function`"),
    ],
)
def test_function_that_is_not_there_is_explained(name: str, message: str) -> None:
    with pytest.raises(ActionNotFoundError) as caught:
        Registry().resolve(name)
    assert str(caught.value) == message


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("import no_such_thing", "No module named 'no_such_thing'"),
        ("1 / 0", "ZeroDivisionError: division by zero"),
        ("raise SystemExit(1)", "SystemExit: 1"),
        ("def f(:", "SyntaxError: invalid syntax (segue_sample_broken.py, line 1)"),
    ],
)
def test_module_that_cannot_be_imported_is_explained(
    written: Written, text: str, message: str
) -> None:
    stage = Stage(registry=written("segue_sample_broken", text))
    assert asyncio.run(stage.run("segue_sample_broken:f")) == Failed(
        code="action_not_found",
        message=f"the module `segue_sample_broken` can't be imported: {message}",
    )
    assert stage.text("log").startswith("Traceback ")


def test_installed_pack_is_imported_when_one_of_its_actions_is_asked_for(
    written: Written, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    written(
        "segue_sample_pack",
        """
        from segue.actions.python import action

        @action("sample.hello")
        def hello(name: str) -> str:
            return f"hello {name}"
        """,
    )
    info = tmp_path / "segue_sample_pack-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: segue-sample-pack\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text("[segue.actions]\nsample = segue_sample_pack\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    stage = Stage()
    assert "sample.hello" not in stage.registry.names()
    assert asyncio.run(stage.run("sample.hello", name="you")) == Succeeded(result="hello you")
    assert asyncio.run(stage.run("sample.helo", name="you")) == Failed(
        code="action_not_found",
        message="there is no action `sample.helo`; did you mean `sample.hello`?",
    )


def test_action_of_ones_own_comes_before_all_others(stage: Stage) -> None:
    class Silence:
        name = "core.echo"
        parameters: dict[str, JsonValue] = {"type": "object"}  # noqa: RUF012

        async def run(self, call: Call) -> Outcome:
            return Succeeded(result="silence")

    stage.registry.register(Silence())
    assert asyncio.run(stage.run("core.echo", message=1)) == Succeeded(result="silence")


def test_looking_for_actions_loads_no_http_client() -> None:
    import subprocess  # noqa: PLC0415

    program = (
        "import sys; from segue.actions.registry import Registry; r = Registry();"
        "[r.resolve(n).parameters for n in r.names()]; print('httpx2' in sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert done.stdout == "False\n"
