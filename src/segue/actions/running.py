"""Running an action once: whatever it does, an outcome comes of it."""

import asyncio
import traceback
from types import TracebackType

from segue.actions.inputs import check_input
from segue.actions.payload import NotJsonError, TooLargeError, to_payload, too_large_words
from segue.actions.port import ActionFailedError, ActionNotFoundError, Call
from segue.actions.registry import Registry
from segue.core.stimuli import Canceled, Failed, Outcome, Succeeded
from segue.values import JsonValue

_MESSAGE = 2000  # characters of the message of an exception that a failure keeps


async def run_action(
    registry: Registry, name: str, call: Call, *, most: int | None = None
) -> Outcome:
    """Find an action, check its input, and run it once.

    `most` is how large its result may be as JSON, in bytes (None: the usual). What goes wrong is
    an outcome: `action_not_found`, `invalid_input`, `action_error` (an exception; its traceback
    goes to the log of the attempt), `result_not_json`, `result_too_large`, or what the action
    itself says. Only a cancellation of this call passes, and an interrupt of the whole process.
    """
    outcome = await _run(registry, name, call, most)
    return _in_valid_text(outcome) if isinstance(outcome, Failed) else outcome


async def _run(registry: Registry, name: str, call: Call, most: int | None) -> Outcome:
    ours = asyncio.current_task()
    try:
        action = registry.resolve(name)
        if problems := check_input(action, call.input):
            return Failed(code="invalid_input", message=f"{name}: {'; '.join(problems)}")
        return _checked(await action.run(call), most)
    except ActionNotFoundError as error:
        if error.__cause__ is not None:
            call.log("log", _trace(error.__cause__))
        return Failed(code="action_not_found", message=str(error))
    except ActionFailedError as error:
        return _checked(Failed(code=error.code, message=error.message, result=error.result), most)
    except KeyboardInterrupt:
        raise
    except (asyncio.CancelledError, GeneratorExit) as error:
        if _ends_us(error, ours):
            raise
        return _broken(error, call)
    except BaseException as error:  # noqa: BLE001 - whatever it is, it is an outcome
        return _broken(error, call)


def _ends_us(error: BaseException, ours: asyncio.Task[object] | None) -> bool:
    """Return whether it is we who are ended, and no future or generator inside of the action."""
    try:
        task = asyncio.current_task()
    except RuntimeError:  # the loop is over, and we are thrown away with it
        return True
    if isinstance(error, GeneratorExit):
        return task is not ours
    return task is None or task.cancelling() > 0


def _broken(error: BaseException, call: Call) -> Outcome:
    call.log("log", _trace(error))
    return Failed(code="action_error", message=describe(error))


def _in_valid_text(failed: Failed) -> Failed:
    """Return a failure that the log can keep: exceptions may say what no encoding knows."""
    message, code = (_escaped(str(text)) for text in (failed.message, failed.code))
    return Failed(message=message, code=code, result=failed.result)


def _escaped(text: str) -> str:
    return text.encode("utf-8", "backslashreplace").decode()


def describe(error: BaseException) -> str:
    """Return an exception as one speaks of it: "ValueError: no such host"."""
    name = type(error).__qualname__
    try:
        text = str(error)
    except Exception:  # noqa: BLE001 - people's exceptions can be broken, too
        text = ""
    if len(text) > _MESSAGE:
        text = f"{text[: _MESSAGE - 1]}…"
    return f"{name}: {text}" if text else name


def _trace(error: BaseException) -> str:
    """Return a traceback that begins where our own code ends."""
    place: TracebackType | None = error.__traceback__
    while place is not None and place.tb_frame.f_globals.get("__name__", "").startswith("segue."):
        place = place.tb_next
    return "".join(traceback.format_exception(type(error), error, place))


def _checked(outcome: Outcome, most: int | None) -> Outcome:
    """Return an outcome whose result is JSON of a reasonable size."""
    try:
        result = to_payload(outcome.result, most)
    except NotJsonError as error:
        return _without(outcome, "result_not_json", f"the result is not JSON: {error}")
    except TooLargeError as error:
        return _without(
            outcome,
            "result_too_large",
            too_large_words(error.size, error.most),
        )
    return _with(outcome, result)


def _with(outcome: Outcome, result: JsonValue) -> Outcome:
    match outcome:
        case Succeeded():
            return Succeeded(result=result)
        case Failed():
            return Failed(message=outcome.message, code=outcome.code, result=result)
        case Canceled():
            return Canceled(result=result)
    return outcome


def _without(outcome: Outcome, code: str, message: str) -> Outcome:
    """Return a failure without the result; the reason of an earlier failure comes first."""
    if isinstance(outcome, Failed):
        return Failed(code=outcome.code, message=f"{outcome.message} ({message}; it is dropped)")
    return Failed(code=code, message=message)
