"""Whether the actions that a workflow calls are there, and take what they are given.

What an action takes is found out by whoever knows the actions.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from segue.checking.collector import Collector
from segue.checking.defaults import known_value
from segue.expressions import has_expression
from segue.language.codes import Code
from segue.language.findings import Severity
from segue.language.input_schemas import Place, value_problems
from segue.language.model import Task, Template, Workflow
from segue.language.parameters import input_problems, unknown_parameter
from segue.language.placing import locate_entry
from segue.values import JsonObject, JsonValue


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownAction:
    """What is known of an action by its name.

    `parameters` is the JSON Schema (draft 7) of its input; where there is no such action, `problem`
    says so.
    """

    parameters: JsonObject
    problem: str | None = None
    hint: str | None = None


#: Finds what is known of an action; None: nothing is, before it is called.
FindAction = Callable[[str], KnownAction | None]


def check_actions(
    text: str, workflow: Workflow, found: Collector, find: FindAction, *, native: bool
) -> None:
    """Look at every task whose action is known by its name, and not found out as it runs.

    Files of other languages run with a warning: they were written for other actions.
    """
    severity = Severity.ERROR if native else Severity.WARNING
    for task in workflow.tasks.values():
        action = task.action
        if action is None or not action.is_literal or not isinstance(action.value, str):
            continue
        known = find(action.value)
        if known is None:
            continue
        if known.problem is not None:
            found.add(
                Code.UNKNOWN_ACTION,
                action.span,
                known.problem,
                hint=known.hint,
                path=f"tasks.{task.name}.action",
                severity=severity,
            )
            continue
        _Call(text, task, action, known.parameters, found, severity).check()


@dataclass(frozen=True, slots=True)
class _Call:
    text: str
    task: Task
    action: Template
    parameters: JsonObject
    found: Collector
    severity: Severity

    def check(self) -> None:
        """Say what the action will not take, as far as it is known before anything runs."""
        template = self.task.input
        given = {} if template is None else template.value
        if not isinstance(given, Mapping):
            return  # an expression: what it gives is not known
        sure = {name: value for name, value in given.items() if not has_expression(name)}
        by_name = self._by_name()
        for name in sure:
            problem = unknown_parameter(self.parameters, name)
            if problem is not None:
                self._add(problem, name)
        if len(sure) == len(given):
            taken = (name for name in sure if unknown_parameter(self.parameters, name) is None)
            known: JsonObject = dict.fromkeys(taken)
            for problem in input_problems(self._names_only(by_name), known):
                self._add(problem)
        for name, value in sure.items():
            self._check_value(name, value, by_name.get(name))

    def _check_value(self, name: str, value: JsonValue, schema: JsonValue) -> None:
        unknown: list[Place] = []
        known = known_value(value, (), unknown)
        if not isinstance(schema, Mapping):
            return
        for message in value_problems(schema, known, unknown=unknown):
            self._add(f"`{name}` is not what it must be: {message}", name)

    def _by_name(self) -> Mapping[str, JsonValue]:
        properties = self.parameters.get("properties")
        return properties if isinstance(properties, Mapping) else {}

    def _names_only(self, by_name: Mapping[str, JsonValue]) -> JsonObject:
        """Return what the parameters say about which there are, whatever their values."""
        return {**self.parameters, "properties": {name: {} for name in by_name}}

    def _add(self, message: str, name: str | None = None) -> None:
        span = self.action.span
        if name is not None and self.task.input is not None:
            span = locate_entry(self.text, self.task.input, name)
        message, _, hint = message.partition("; ")
        self.found.add(
            Code.WRONG_INPUT,
            span,
            f"`{self.action.value}`: {message}",
            hint=hint or None,
            path=f"tasks.{self.task.name}.input",
            severity=self.severity,
        )
