"""Tasks whose retry, delay, items or question ends otherwise than in Orquesta."""

import re
from typing import Final

from segue.checking.comparison.places import Places
from segue.checking.differences import Difference
from segue.expressions import has_expression
from segue.language.model import Task, Template, Transition, WithItems, Workflow
from segue.language.placing import locate
from segue.language.questions import ASK

_RESULT: Final = re.compile(r"\bresult\(\)")
_INTO_RESULT: Final = re.compile(r"\bresult\(\)\s*[.\[]")
_ABOUT_STATUS: Final = re.compile(r"\b(succeeded|failed)\(\)")
_AFTER_FAILURE: Final = re.compile(r"\b(failed|completed)\(\)")


def compare_tasks(text: str, workflow: Workflow, places: Places) -> None:
    """Look at every task of a workflow. `text` is its file."""
    for task in workflow.tasks.values():
        _retry(task, places)
        _delay(task, places)
        _question(task, places)
        if task.with_items is not None:
            _result_of_items(text, task, task.with_items, places)


def _retry(task: Task, places: Places) -> None:
    retry = task.retry
    if retry is None:
        return
    path = f"tasks.{task.name}.retry"
    for what, template in (("count", retry.count), ("delay", retry.delay)):
        if template is not None and isinstance(template.value, str):
            places.add(
                Difference.ERRORS_IN_RETRY,
                template.span,
                f"if the `{what}` of `retry` is no number, `{task.name}` fails; Orquesta is stuck",
                path=f"{path}.{what}",
            )
    when = None if retry.when is None else str(retry.when.value)
    if retry.when is None or when is None:
        return
    if _INTO_RESULT.search(when):
        places.add(
            Difference.ERRORS_IN_RETRY,
            retry.when.span,
            f"if the result has not what this asks for, `{task.name}` fails; Orquesta is stuck",
            path=f"{path}.when",
        )
    if not _ABOUT_STATUS.search(when):
        places.add(
            Difference.CANCELED_RETRY,
            retry.when.span,
            f"this holds for a canceled `{task.name}` too, which is not retried; in Orquesta it is "
            "an internal error",
            path=f"{path}.when",
        )


def _delay(task: Task, places: Places) -> None:
    if task.delay is not None and _may_be_fraction(task.delay):
        places.add(
            Difference.FRACTIONAL_DELAY,
            task.delay.span,
            "this may have fractions; in Orquesta what is not a whole number fails the execution",
            hint="for whole seconds, round it",
            path=f"tasks.{task.name}.delay",
        )


def _may_be_fraction(delay: Template) -> bool:
    value = delay.value
    if isinstance(value, str):
        return has_expression(value)
    return isinstance(value, float) and not value.is_integer()


def _question(task: Task, places: Places) -> None:
    if task.action is None or task.action.value != ASK:
        return
    if task.with_items is not None:
        places.add(
            Difference.IGNORED_ITEM,
            task.action.span,
            f"`{task.name}` goes on with each answer; in Orquesta it stays paused until a host "
            "resumes it",
            path=f"tasks.{task.name}.action",
        )
        return
    places.add(
        Difference.FAILURE_WHILE_PAUSED,
        task.action.span,
        f"the execution is pending, not paused, and goes on with the answer; if `{task.name}` "
        "fails, that counts",
        hint="deal with a question that is rejected or not answered in time: `when: failed()`",
        path=f"tasks.{task.name}.action",
    )


def _result_of_items(text: str, task: Task, items: WithItems, places: Places) -> None:
    del items
    for transition in task.next:
        if not _may_follow_failure(transition):
            continue
        for index, publish in enumerate(transition.publish):
            value = publish.value.value
            found = _RESULT.search(value) if isinstance(value, str) else None
            if found:
                places.add(
                    Difference.ITEMS_RESULT,
                    locate(text, publish.value, (), *found.span()),
                    f"after a failure of `{task.name}` this list has null for each item that was "
                    "not run",
                    hint="nothing has to be done if the host was StackStorm",
                    path=f"tasks.{task.name}.next[{transition.index}].publish[{index}]",
                )


def _may_follow_failure(transition: Transition) -> bool:
    return transition.when is None or bool(_AFTER_FAILURE.search(str(transition.when.value)))
