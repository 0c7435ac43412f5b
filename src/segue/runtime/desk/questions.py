"""Questions to people: `core.ask` as rows of outstanding work, and what may be answered."""

from collections.abc import Mapping
from dataclasses import dataclass

import msgspec
from jsonschema_rs import Draft7Validator, ValidationError

from segue.actions.ask import Ask
from segue.actions.inputs import check_input
from segue.actions.payload import plain
from segue.core.commands import OpenQuestion, attempt_name
from segue.core.errors import RequestError
from segue.core.stimuli import QuestionExpired
from segue.language.questions import answer_schema, message_asked, users_asked
from segue.runtime.desk.outstanding import read_work
from segue.store.port import NewWork, Work, WorkKind
from segue.values import JsonObject, JsonValue


class QuestionData(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A question, as its row keeps it."""

    task: str
    visit: int
    attempt: int
    item: int | None = None
    input: Mapping[str, JsonValue] = msgspec.field(default_factory=dict)
    timeout: float | None = None


_encode = msgspec.json.Encoder().encode
_questions = msgspec.json.Decoder(QuestionData)


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """A question that waits for an answer. `due` is in seconds since the epoch, None: for ever.

    `name` is what it is called within its execution: "approve#1.1", of an item "approve#1.1[3]".
    `engine` is the one that has it.
    """

    execution: str
    name: str
    task: str
    visit: int
    attempt: int
    item: int | None
    message: str
    schema: JsonObject | None
    users: tuple[str, ...]
    input: JsonObject
    due: float | None
    engine: str | None = None


def question_work(command: OpenQuestion) -> NewWork:
    """Return the row of a question."""
    data = QuestionData(
        task=command.task,
        visit=command.visit,
        attempt=command.attempt,
        item=command.item,
        input=command.input,
        timeout=command.timeout,
    )
    name = attempt_name(command.task, command.visit, command.attempt, command.item)
    return NewWork(name=name, kind=WorkKind.QUESTION, data=_encode(data), due=command.due)


def is_open(work: Work, now: float) -> bool:
    """Whether it is a question that may be answered.

    Its time may be over although nobody has said so, for no engine lives.
    """
    in_time = work.due is None or now < work.due
    return work.kind is WorkKind.QUESTION and not work.cancel and in_time


def question_of(execution: str, work: NewWork | Work) -> Question:
    """Return the question that a row stands for."""
    data = read_work(_questions, work)
    return Question(
        execution=execution,
        name=work.name,
        task=data.task,
        visit=data.visit,
        attempt=data.attempt,
        item=data.item,
        message=message_asked(data.input),
        schema=answer_schema(data.input),
        users=users_asked(data.input),
        input=data.input,
        due=work.due,
        engine=work.engine if isinstance(work, Work) else None,
    )


def expiry_of(work: NewWork | Work) -> QuestionExpired:
    """Return what is given back when nobody has answered in time."""
    data = read_work(_questions, work)
    return QuestionExpired(
        task=data.task,
        visit=data.visit,
        attempt=data.attempt,
        item=data.item,
        seconds=data.timeout or 0.0,
    )


def problem_of(question: Question) -> str | None:
    """Return what is wrong with how a question is asked, as one sentence."""
    problems = check_input(Ask(), question.input)
    if problems:
        return f"core.ask: {'; '.join(problems)}"
    if question.schema is not None:
        try:
            _validator(question.schema)
        except ValidationError as error:
            at = _place(error)
            return f"core.ask: what the answer has to be is no JSON Schema: {at}{error.message}"
    return None


def check_who(question: Question, by: str) -> None:
    """Raise `RequestError` if the question is not theirs to answer."""
    if question.users and by not in question.users:
        raise RequestError(
            "not_yours_to_answer",
            f"{by} may not answer {question.name}",
            hint=f"these may: {', '.join(question.users)}",
            field="by",
        )


def check_answer(question: Question, answer: JsonObject) -> None:
    """Raise `RequestError` if this is no answer to the question."""
    if question.schema is None:
        return
    problems = [
        f"{_place(error)}{error.message}"
        for error in _validator(question.schema).iter_errors(plain(answer))
    ]
    if problems:
        raise RequestError(
            "answer_invalid",
            f"this is no answer to {question.name}: {'; '.join(problems)}",
            hint=f"the answer has to fit {msgspec.json.encode(question.schema).decode()}",
            field="answer",
        )


def _place(error: ValidationError) -> str:
    path = ".".join(str(step) for step in error.instance_path)
    return f"`{path}`: " if path else ""


def _validator(schema: JsonObject) -> Draft7Validator:
    return Draft7Validator(msgspec.json.decode(msgspec.json.encode(schema)))
