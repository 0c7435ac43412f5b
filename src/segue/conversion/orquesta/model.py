"""An Orquesta workflow as a native one: the model of what is to be written."""

from dataclasses import dataclass, replace
from typing import Final

from segue.conversion.changes import Change
from segue.conversion.conditions import Form, condition
from segue.conversion.exclusion import are_exclusive
from segue.conversion.noting import Notes
from segue.conversion.whole import whole
from segue.expressions import has_expression
from segue.language.durations import parse_duration
from segue.language.model import (
    NATIVE,
    Input,
    Match,
    OnItemFailure,
    Retry,
    Task,
    Template,
    Transition,
    WithItems,
    Workflow,
)

_MEANT: Final = "if it was meant as a condition, put the expression alone, with its braces"


@dataclass(frozen=True, slots=True)
class Natively:
    """Makes native what an Orquesta file says, and takes notes of what can't be the same."""

    notes: Notes

    def workflow(self, workflow: Workflow) -> Workflow:
        """Return the native workflow; it is to be trusted only if nothing stands in the way."""
        tasks = {name: self._task(task) for name, task in workflow.tasks.items()}
        if sum(task.match is Match.ALL for task in tasks.values()) > 1:
            # Said once for all of them; to the others it makes no difference.
            tasks = {name: replace(task, match=Match.ALL) for name, task in tasks.items()}
        inputs = self._inputs(workflow)
        return replace(workflow, inputs=inputs, tasks=tasks, semantics=NATIVE)

    def _inputs(self, workflow: Workflow) -> tuple[Input, ...]:
        """Return the inputs; of those with the same name the last one, whose default counts."""
        last = {one.name: one for one in workflow.inputs}
        for one in workflow.inputs:
            if last[one.name] is not one:
                message = f"the input `{one.name}` is here again further down, and that one counts"
                self.notes.add(Change.NEVER_USED, one.span, message, hint="this one is left out")
        return tuple(last.values())

    def _task(self, task: Task) -> Task:
        path = f"tasks.{task.name}"
        self._action(task, path)
        self._input(task, path)
        self._delay(task.delay, f"{path}.delay")
        transitions = _apart(
            [self._transition(one, f"{path}.next[{one.index}]") for one in task.next]
        )
        return replace(
            task,
            join=1 if task.join == 0 else task.join,
            with_items=self._with(task.with_items, f"{path}.with"),
            retry=self._retry(task.retry, f"{path}.retry"),
            next=transitions,
            match=Match.FIRST if are_exclusive(transitions) else Match.ALL,
        )

    def _refuse(self, template: Template, message: str, hint: str, path: str) -> None:
        self.notes.add(Change.NO_NATIVE_FORM, template.span, message, hint=hint, path=path)

    def _action(self, task: Task, path: str) -> None:
        if task.action is None:
            return
        text = str(task.action.value)
        if len(text.split()) != 1 and not has_expression(text):
            self._refuse(
                task.action,
                f"`{text}` can't be the name of an action",
                'parameters are written as name="value"; what is not, is part of the name',
                f"{path}.action",
            )

    def _input(self, task: Task, path: str) -> None:
        given = task.input
        if given is not None and isinstance(given.value, str) and not _is_whole(given.value):
            self._refuse(
                given,
                "this text gives no mapping from parameters to values",
                "write the parameters, or one expression that gives all of them",
                f"{path}.input",
            )

    def _delay(self, delay: Template | None, path: str) -> None:
        if delay is None or not isinstance(delay.value, str) or has_expression(delay.value):
            return
        if parse_duration(delay.value) is None:
            self._refuse(
                delay,
                f"`{delay.value}` is not a duration",
                "write a number without quotes, for seconds",
                path,
            )

    def _number(self, template: Template | None, what: str, path: str) -> None:
        value = None if template is None else template.value
        if template is not None and isinstance(value, str) and not _is_whole(value):
            hint = "write a whole number without quotes, or one expression"
            self._refuse(template, f"{what} is text, which is no number", hint, path)

    def _with(self, items: WithItems | None, path: str) -> WithItems | None:
        if items is None:
            return None
        concurrency = items.concurrency
        self._number(concurrency, "`concurrency`", f"{path}.concurrency")
        if concurrency is not None and concurrency.value == 0:
            concurrency = replace(concurrency, value=1)
        for each in items.items:
            if not _is_whole(str(each.value)):
                hint = "write one expression that gives the list"
                self._refuse(each, "this text gives no list of items", hint, f"{path}.items")
        return replace(items, concurrency=concurrency, on_failure=OnItemFailure.STOP)

    def _retry(self, retry: Retry | None, path: str) -> Retry | None:
        if retry is None:
            return None
        self._number(retry.count, "`count`", f"{path}.count")
        self._delay(retry.delay, f"{path}.delay")
        return replace(retry, when=self._when(retry.when, f"{path}.when"))

    def _transition(self, transition: Transition, path: str) -> Transition:
        return replace(transition, when=self._when(transition.when, f"{path}.when"))

    def _when(self, when: Template | None, path: str) -> Template | None:
        if when is None:
            return None
        text = str(when.value)
        natively = condition(text)
        if natively.form is Form.NONE:
            self._refuse(
                when,
                "a condition is one expression, which is true or false",
                "write all of it between one pair of braces",
                path,
            )
        elif natively.form is Form.ALWAYS:
            self.notes.add(
                Change.ALWAYS_HOLDS,
                when.span,
                "this is text with more than one expression in it, and so it always holds"
                if has_expression(text) and text.strip() == text
                else "blanks around an expression make text of it, and so it always holds"
                if _is_whole(text.strip())
                else "this text always holds, whatever it says: it is no expression",
                hint=_MEANT,
                path=path,
            )
            return replace(when, value="{{ " + natively.text + " }}")
        return replace(when, value=natively.text)


def _apart(transitions: list[Transition]) -> tuple[Transition, ...]:
    """Return transitions that name a task once: whoever names it twice becomes two."""
    found: list[Transition] = []
    for transition in transitions:
        left = list(transition.do)
        while left:
            names = {target.name: target for target in reversed(left)}
            now = [target for target in left if names[target.name] is target]
            found.append(replace(transition, index=len(found), do=tuple(now)))
            left = [target for target in left if target not in now]
    return tuple(found)


def _is_whole(text: str) -> bool:
    return whole(text) is not None
