"""Python functions as actions: `@action("pack.name")`, or `module:function` as they are."""

import asyncio
import contextvars
import inspect
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import replace
from functools import partial
from typing import TypeVar

from segue.actions.port import Call
from segue.actions.signature import ArgumentError, Signature
from segue.core.stimuli import Failed, Outcome, Succeeded
from segue.values import JsonObject, JsonValue

_Function = TypeVar("_Function", bound=Callable[..., object])

_registered: dict[str, "PythonFunction"] = {}


class PythonFunction:
    """A function that a task can call.

    A coroutine function runs in the event loop of the engine and is ended by cancelling it. Any
    other function runs in a thread of its own, which nothing can end: after a timeout or a cancel
    it goes on, and what it returns is dropped.
    """

    def __init__(self, name: str, function: Callable[..., object]) -> None:
        """Raise ValueError if nothing can be known of what the function takes."""
        self._name = name
        self._function = function
        self._signature = Signature.of(function)

    @property
    def name(self) -> str:
        """Return the name that files use."""
        return self._name

    @property
    def parameters(self) -> JsonObject:
        """Return the JSON Schema that the signature of the function amounts to."""
        return self._signature.parameters

    @property
    def function(self) -> Callable[..., object]:
        """Return the function itself."""
        return self._function

    async def run(self, call: Call) -> Outcome:
        """Call the function; what it returns is the result, as JSON."""
        try:
            if _is_coroutine_function(self._function):
                value = await self._call_here(call)
            else:
                value = await self._call_in_thread(call)
        except ArgumentError as error:
            return Failed(code="invalid_input", message=f"{self._name}: {error}")
        # Whatever the function returns: the caller makes JSON of it, or an error.
        result: JsonValue = value  # type: ignore[assignment]
        return Succeeded(result=result)

    async def _call_here(self, call: Call) -> object:
        positional, named = self._signature.bind(replace(call, log=partial(_log_text, call.log)))
        return await _awaited(self._function(*positional, **named))

    async def _call_in_thread(self, call: Call) -> object:
        loop = asyncio.get_running_loop()
        ended: asyncio.Future[tuple[object, BaseException | None]] = loop.create_future()

        def tell(what: Callable[..., object], *arguments: object) -> None:
            with suppress(RuntimeError):  # the loop is closed: nobody listens any more
                loop.call_soon_threadsafe(what, *arguments)

        def log(stream: str, text: str) -> None:
            if not ended.done():  # else the attempt is over, and its log with it
                call.log(stream, text)

        def end(value: object, error: BaseException | None) -> None:
            if not ended.done():
                ended.set_result((value, error))

        told = partial(_log_text, partial(tell, log))
        positional, named = self._signature.bind(replace(call, log=told))
        context = contextvars.copy_context()

        def work() -> None:
            try:
                value = context.run(self._function, *positional, **named)
            except BaseException as error:  # noqa: BLE001 - the loop raises it, where it is seen
                tell(end, None, _of_a_thread(error))
            else:
                tell(end, value, None)

        # A thread of its own: those of the shared pool are few, and one that hangs would keep
        # the program from ending.
        threading.Thread(target=work, name=f"segue-{self._name}", daemon=True).start()
        value, error = await ended
        if error is not None:
            raise error
        return await _awaited(value)


def action(name: str) -> Callable[[_Function], _Function]:
    """Make a function an action under a name: `@action("pack.name")`. It stays what it is.

    Raises ValueError for a name that is not of the form "pack.name", is one of ours ("core."),
    or belongs to another function already.
    """
    pack, dot, rest = name.partition(".")
    if not (dot and pack and rest) or ":" in name or name.split() != [name]:
        raise ValueError(f"{name!r} is not the name of an action: it has the form 'pack.name'")
    if pack == "core":
        raise ValueError(f"{name!r} can't be registered: the pack 'core' is the engine's own")

    def register(function: _Function) -> _Function:
        other = _registered.get(name)
        if other is not None and _place(other.function) != _place(function):
            raise ValueError(
                f"the action {name!r} is registered already, by {_place(other.function)}"
            )
        _registered[name] = PythonFunction(name, function)
        return function

    return register


def registered() -> Mapping[str, PythonFunction]:
    """Return the functions registered so far, by name."""
    return _registered


def _log_text(log: Callable[[str, str], None], stream: object, text: object) -> None:
    """Log what is text; all else is told to who calls us, and not to who writes the log."""
    if not isinstance(stream, str) or not isinstance(text, str):
        kinds = f"{type(stream).__name__} and {type(text).__name__}"
        raise TypeError(f"call.log takes the name of a stream and a text, not {kinds}")
    log(stream, text)


def _of_a_thread(error: BaseException) -> BaseException:
    """Return an error as the loop may raise it.

    Signals come to the main thread alone: whatever says so here, nobody has interrupted us.
    """
    if not isinstance(error, KeyboardInterrupt):
        return error
    broken = RuntimeError("the function raised KeyboardInterrupt")
    broken.__cause__ = error
    return broken


def _place(function: Callable[..., object]) -> str:
    """Return where a function is: a module that is loaded again brings the same ones."""
    module = getattr(function, "__module__", "?")
    return f"{module}:{getattr(function, '__qualname__', repr(function))}"


def _is_coroutine_function(function: Callable[..., object]) -> bool:
    inner = function.func if isinstance(function, partial) else function
    return inspect.iscoroutinefunction(inner) or (
        not inspect.isroutine(inner)
        and not inspect.isclass(inner)
        and inspect.iscoroutinefunction(type(inner).__call__)
    )


async def _awaited(value: object) -> object:
    return await value if inspect.isawaitable(value) else value
