"""All findings of a file: its text, its shape, its graph, its expressions and its variables."""

from collections.abc import Collection
from dataclasses import dataclass

from segue.checking.actions import FindAction, check_actions
from segue.checking.attune_names import check_attune_names
from segue.checking.calls import FindCallee, check_calls
from segue.checking.collector import Collector, in_order
from segue.checking.defaults import check_defaults
from segue.checking.expressions import check_expressions
from segue.checking.flow import FlowChecks
from segue.checking.items import check_items
from segue.checking.orquesta_flow import check_orquesta_flow
from segue.checking.orquesta_variables import OrquestaVariables
from segue.checking.variables import VariableChecks
from segue.graph.task_graph import TaskGraph
from segue.language.findings import Finding, Severity
from segue.language.model import Workflow
from segue.language.workflows import Language, Loaded, load_workflow


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """What a check found. `workflow` is None when there is an error among the findings."""

    file: str
    language: Language | None
    workflow: Workflow | None
    findings: tuple[Finding, ...]

    @property
    def valid(self) -> bool:
        """Whether no finding is an error."""
        return all(found.severity is not Severity.ERROR for found in self.findings)


def check(
    text: str,
    file: str = "<text>",
    *,
    name: str | None = None,
    context: Collection[str] = (),
    hosted: Collection[str] = (),
    find_callee: FindCallee | None = None,
    find_action: FindAction | None = None,
) -> Checked:
    """Read a file and look at all of it; whatever the text is, this never raises.

    `context` names variables that are there from outside, such as those of a parent workflow;
    `hosted` those that only Orquesta's files find there.
    `find_callee` finds the workflows that it calls, `find_action` what other actions take; without
    them they are not looked at.
    """
    loaded = load_workflow(text, file=file, name=name)
    return check_loaded(
        loaded,
        context=context,
        hosted=hosted,
        find_callee=find_callee,
        find_action=find_action,
    )


def check_loaded(
    loaded: Loaded,
    *,
    context: Collection[str] = (),
    hosted: Collection[str] = (),
    find_callee: FindCallee | None = None,
    find_action: FindAction | None = None,
) -> Checked:
    """Look at all of a file that has been read. The parameters are those of `check`."""
    found = Collector()
    draft = loaded.draft
    if draft is not None:
        language = loaded.language
        assert language is not None, "there is no draft of a file in no language"
        graph = TaskGraph.of(draft)
        FlowChecks(draft, graph, found, language).run()
        strict = language is not Language.ORQUESTA
        check_expressions(loaded.text, draft, found, strict=strict)
        if strict:
            check_items(loaded.text, draft, found)
            check_defaults(draft, found)
            check_attune_names(loaded.text, draft, found)
            VariableChecks(loaded.text, draft, found, frozenset(context)).run()
        else:
            check_orquesta_flow(draft, graph, found)
            outside = frozenset((*context, *hosted))
            OrquestaVariables(loaded.text, draft, graph, found, outside).run()
        if find_callee is not None:
            check_calls(loaded.text, draft, found, find_callee)
        if find_action is not None and loaded.workflow is not None:
            native = language is Language.NATIVE
            check_actions(loaded.text, draft, found, find_action, native=native)
    findings = in_order((*loaded.findings, *found.findings))
    wrong = any(each.severity is Severity.ERROR for each in findings)
    return Checked(
        file=loaded.file,
        language=loaded.language,
        workflow=None if wrong else loaded.workflow,
        findings=findings,
    )
