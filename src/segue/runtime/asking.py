"""Finding questions that wait for people, and giving the answers."""

import re

from segue.actions.payload import NotJsonError, TooLargeError, to_payload, too_large_words
from segue.core.errors import RequestError
from segue.core.stimuli import Failed, Outcome, Succeeded
from segue.runtime.attempts.kin import living_below
from segue.runtime.conductor import Conductor
from segue.runtime.desk.inbox import ended
from segue.runtime.desk.questions import Question, check_answer, check_who, is_open, question_of
from segue.runtime.records.lookup import find_execution
from segue.store.port import ExecutionRow, Store
from segue.values import JsonObject

_NAME = re.compile(r"(?P<task>.+?)(#(?P<visit>\d+))?(\.(?P<attempt>\d+))?(\[(?P<item>\d+)\])?\Z")


async def open_questions(store: Store, now: float, execution: str | None = None) -> list[Question]:
    """Return the questions that wait, the first due first.

    Those of all, or of one execution and of what runs for it.
    """
    if execution is None:
        works = await store.list_work()
    else:
        executions = [execution, *await living_below(store, execution)]
        works = [work for one in executions for work in await store.list_work(execution=one)]
    questions = [question_of(work.execution, work) for work in works if is_open(work, now)]
    return sorted(questions, key=_urgency)


def _urgency(question: Question) -> tuple[bool, float, str, str]:
    return question.due is None, question.due or 0.0, question.execution, question.name


async def find_question(store: Store, now: float, reference: str) -> Question:
    """Return the one question that is meant: an execution, or "EXECUTION/TASK#VISIT[ITEM]".

    It may be one of what runs for that execution.

    Raises `RequestError`: `execution_not_found`, `no_question`, `question_ambiguous`.
    """
    whole, _, name = reference.partition("/")
    execution = await find_execution(store, whole)
    questions = await open_questions(store, now, execution)
    found = [one for one in questions if not name or _is_meant(name, one)]
    if len(found) == 1:
        return found[0]
    shown = ", ".join(f"{one.execution}/{one.name}" for one in questions)
    if found:
        raise RequestError(
            "question_ambiguous", f"{reference} has {len(found)} open questions", hint=shown
        )
    hint = f"open are {shown}" if questions else "it may have been answered before, or be over"
    raise RequestError("no_question", f"{reference} has no open question", hint=hint)


def _is_meant(name: str, question: Question) -> bool:
    parts = _NAME.match(name)
    if parts is None:
        return False
    return all(
        given is None or given == str(own)
        for given, own in (
            (parts["task"], question.task),
            (parts["visit"], question.visit),
            (parts["attempt"], question.attempt),
            (parts["item"], question.item),
        )
    )


async def give_answer(
    conductor: Conductor, question: Question, answer: JsonObject, by: str, now: float
) -> ExecutionRow:
    """Answer a question, durably. Raises `RequestError` for what is no answer to it."""
    check_who(question, by)
    result = _kept(conductor, question, {"response": dict(answer), "by": by, "at": now})
    check_answer(question, answer)
    return await _end(conductor, question, Succeeded(result=result))


async def give_refusal(
    conductor: Conductor, question: Question, reason: str | None, by: str, now: float
) -> ExecutionRow:
    """Refuse to answer, durably: the question fails. Raises `RequestError`."""
    check_who(question, by)
    message = f"{by} rejected it" + (f": {reason}" if reason else "")
    result = _kept(conductor, question, {"reason": reason, "by": by, "at": now})
    return await _end(conductor, question, Failed(code="rejected", message=message, result=result))


def _kept(conductor: Conductor, question: Question, result: JsonObject) -> JsonObject:
    """Return what comes of a question as it will be kept. Raises `RequestError` if it can't be."""
    try:
        kept = to_payload(result, conductor.desk.inbox.limits.largest)
    except NotJsonError as error:
        raise _no_answer(question, str(error)) from error
    except TooLargeError as error:
        raise _no_answer(question, too_large_words(error.size, error.most)) from error
    assert isinstance(kept, dict), "what is in it changes, not what it is"
    return kept


def _no_answer(question: Question, reason: str) -> RequestError:
    message = f"this is no answer to {question.name}: {reason}"
    return RequestError("answer_invalid", message)


async def _end(conductor: Conductor, question: Question, outcome: Outcome) -> ExecutionRow:
    row = await conductor.request(question.execution, ended(question, outcome))
    if row is None:
        raise RequestError("answered_before", f"{question.name} was answered before, or is over")
    return row
