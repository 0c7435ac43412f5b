"""Results on their way in: what is too large is refused, what is big is on its way to its place."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import msgspec

from segue.actions.payload import too_large_words
from segue.core.evaluation import clipped
from segue.core.keeping import REFERENCE_MARK, Keeper
from segue.core.stimuli import AttemptEnded, Failed, Outcome
from segue.values import references_in

_encode = msgspec.json.Encoder().encode


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How large values may be, in bytes of JSON: to stand in an event, and at all."""

    inline: int = 64 * 1024
    largest: int = 64 * 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class TakenIn:
    """An outcome whose big values are references, and these values: JSON by hash."""

    stimulus: AttemptEnded
    values: Mapping[str, bytes] = field(default_factory=dict)


def take_in(stimulus: AttemptEnded, limits: Limits) -> TakenIn:
    """Return an outcome as it is decided upon.

    A result that is too large makes it a failure: `result_too_large`, unless there was one before.
    """
    if isinstance(stimulus.outcome, Failed):
        message = clipped(stimulus.outcome.message)
        stimulus = replace(stimulus, outcome=replace(stimulus.outcome, message=message))
    outcome = stimulus.outcome
    if outcome.result is None:
        return TakenIn(stimulus=stimulus)
    try:
        data = _encode(outcome.result)
    except (TypeError, ValueError, RecursionError):
        return TakenIn(stimulus=stimulus)  # whoever writes it will say what is wrong with it
    # Only what a sub-workflow gives refers to something already.
    known = references_in(outcome.result) if REFERENCE_MARK in data else ()
    sizes = {one.sha256: one.size for one in known}
    size = len(data) + sum(sizes.values())
    if size > limits.largest:
        return TakenIn(stimulus=replace(stimulus, outcome=_without(outcome, size, limits)))
    if len(data) <= limits.inline:
        return TakenIn(stimulus=replace(stimulus, refers=True) if sizes else stimulus)
    # Whether mappings may be put away, only the execution knows.
    keeper = Keeper(limits.inline, mappings=False)
    kept = replace(outcome, result=keeper.keep_encoded(outcome.result, data))
    refers = bool(sizes or keeper.values)
    return TakenIn(stimulus=replace(stimulus, outcome=kept, refers=refers), values=keeper.values)


def _without(outcome: Outcome, size: int, limits: Limits) -> Failed:
    message = too_large_words(size, limits.largest)
    if isinstance(outcome, Failed):
        return Failed(code=outcome.code, message=f"{outcome.message} ({message}; it is dropped)")
    return Failed(code="result_too_large", message=message)
