"""An Attune workflow as a native one: the model of what is to be written."""

from dataclasses import dataclass, replace

from segue.conversion.attune.expressions import UnlikeError, translated
from segue.conversion.changes import Change
from segue.conversion.conditions import Form, condition
from segue.conversion.noting import Notes
from segue.expressions import Dialect
from segue.expressions.attune.names import KEPT
from segue.expressions.segments import has_expression
from segue.graph.task_graph import TaskGraph
from segue.language.model import (
    NATIVE,
    Input,
    Match,
    OnItemFailure,
    Publish,
    Retry,
    Task,
    Template,
    Transition,
    UnhandledFailure,
    Variable,
    WithItems,
    Workflow,
)
from segue.values import JsonValue


@dataclass(frozen=True, slots=True)
class FromAttune:
    """Makes native what an Attune file says, and takes notes of what can't be the same."""

    notes: Notes

    def workflow(self, workflow: Workflow) -> Workflow:
        """Return the native workflow; it is to be trusted only if nothing stands in the way."""
        tasks = {name: self._task(task) for name, task in workflow.tasks.items()}
        if sum(task.match is Match.ALL for task in tasks.values()) > 1:
            tasks = {name: replace(task, match=Match.ALL) for name, task in tasks.items()}
        variables = tuple(one for one in workflow.vars if one.name != KEPT)
        alone = len(TaskGraph.of(workflow).starts) < 2 and not any(
            len(task.next) > 1 or any(len(one.do) > 1 for one in task.next)
            for task in workflow.tasks.values()
        )
        failure = UnhandledFailure.FAIL_FAST if alone else UnhandledFailure.FINISH_BRANCHES
        self._output(workflow)
        self._parameters(workflow)
        return replace(
            workflow,
            inputs=tuple(self._input(one) for one in workflow.inputs),
            vars=tuple(self._variable(one, "vars") for one in variables),
            tasks=tasks,
            output=tuple(self._variable(one, "output_map") for one in workflow.output),
            semantics=replace(NATIVE, unhandled_failure=failure),
        )

    def _output(self, workflow: Workflow) -> None:
        for one in workflow.output:
            if not one.value.is_literal:
                self.notes.add(
                    Change.ERRORS_IN_OUTPUT,
                    one.span,
                    f"if `{one.name}` can't be evaluated, the execution fails; not so in Attune",
                    hint="use `default(...)` where it need not be there",
                    path="output_map",
                )
                return

    def _parameters(self, workflow: Workflow) -> None:
        names = {one.name for one in workflow.inputs}
        written: list[Variable | Publish] = list(workflow.vars)
        for task in workflow.tasks.values():
            for transition in task.next:
                written += transition.publish
        for one in written:
            if one.name in names:
                self.notes.add(
                    Change.PARAMETER_WRITTEN,
                    one.span,
                    f"`{one.name}` is an input, too: natively this replaces what was given",
                    hint="give one of them another name",
                )

    def _input(self, declared: Input) -> Input:
        default = self._template(declared.default, f"parameters.{declared.name}")
        schema = declared.schema
        if schema is not None and default is not None and default.value is None:
            kind = schema.get("type")
            if isinstance(kind, str) and kind != "null":
                schema = {**schema, "type": [kind, "null"]}
        return replace(declared, default=default, schema=schema)

    def _variable(self, variable: Variable, section: str) -> Variable:
        value = self._template(variable.value, f"{section}.{variable.name}")
        assert value is not None, "there is one"
        return replace(variable, value=value)

    def _template(self, template: Template | None, path: str) -> Template | None:
        """Return a template in the words of the native language."""
        if template is None:
            return None
        if template.dialect is Dialect.PLAIN:
            return replace(template, dialect=Dialect.MIXED)
        value: JsonValue = template.value
        try:
            value = translated(template.value, dict(template.given))
        except UnlikeError as error:
            self.notes.add(
                Change.NO_NATIVE_FORM,
                template.span,
                str(error),
                hint="write the expression in another way, or do it in an action",
                path=path,
            )
        return replace(template, value=value, dialect=Dialect.MIXED, given=())

    def _task(self, task: Task) -> Task:
        path = f"tasks.{task.name}"
        if task.when is not None:
            self.notes.add(
                Change.NO_NATIVE_FORM,
                task.when.span,
                f"`when` of `{task.name}` has no native form: conditions are of transitions",
                hint="put it on the transitions that lead to the task",
                path=f"{path}.when",
            )
        transitions = tuple(self._transition(one, path) for one in task.next)
        return replace(
            task,
            when=None,
            action=self._template(task.action, f"{path}.action"),
            input=self._template(task.input, f"{path}.input"),
            delay=self._template(task.delay, f"{path}.delay"),
            timeout=self._template(task.timeout, f"{path}.timeout"),
            with_items=self._with(task.with_items, f"{path}.with_items"),
            retry=self._retry(task.retry, f"{path}.retry"),
            next=transitions,
            match=Match.FIRST if len(transitions) < 2 else Match.ALL,
        )

    def _with(self, items: WithItems | None, path: str) -> WithItems | None:
        if items is None:
            return None
        lists = [self._template(_unflattened(one), path) for one in items.items]
        return replace(
            items,
            items=tuple(one for one in lists if one is not None),
            concurrency=self._template(items.concurrency, f"{path}.concurrency"),
            batch=self._template(items.batch, f"{path}.batch_size"),
            on_failure=OnItemFailure.CONTINUE,
        )

    def _retry(self, retry: Retry | None, path: str) -> Retry | None:
        if retry is None:
            return None
        count = self._template(retry.count, f"{path}.count")
        assert count is not None, "there is one"
        return replace(
            retry,
            count=count,
            delay=self._template(retry.delay, f"{path}.delay"),
            max_delay=self._template(retry.max_delay, f"{path}.max_delay"),
            when=self._when(retry.when, f"{path}.on_error"),
        )

    def _transition(self, transition: Transition, path: str) -> Transition:
        path = f"{path}.next[{transition.index}]"
        return replace(
            transition,
            when=self._when(transition.when, f"{path}.when"),
            publish=tuple(self._published(one, path) for one in transition.publish),
        )

    def _published(self, publish: Publish, path: str) -> Publish:
        value = self._template(publish.value, f"{path}.publish")
        assert value is not None, "there is one"
        return replace(publish, value=value)

    def _when(self, when: Template | None, path: str) -> Template | None:
        made = self._template(when, path)
        if made is None or not has_expression(str(made.value)) or self.notes.refused:
            return made
        natively = condition(str(made.value))
        assert natively.form in {Form.KEPT, Form.WRAPPED}, "it is one expression"
        return replace(made, value=natively.text)


def _unflattened(template: Template) -> Template:
    """Return the list itself where the front end made a list of what may be one already."""
    value = template.value
    begin, end = "{{ flat([", "]) }}"
    if isinstance(value, str) and value.startswith(begin) and value.endswith(end):
        inner = value.removeprefix(begin).removesuffix(end).strip()
        return replace(template, value="{{ " + inner + " }}")
    return template
