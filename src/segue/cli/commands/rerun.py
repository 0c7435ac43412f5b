"""`segue rerun`: run again what has ended, or a part of it."""

import asyncio
import re
import sys
from collections.abc import Mapping, Sequence
from contextlib import redirect_stdout
from dataclasses import dataclass, replace
from types import MappingProxyType

import click

from segue.cli.exit_codes import ExitCode
from segue.cli.inputs import parse_pairs
from segue.cli.options import (
    db_option,
    execution_argument,
    exit_on_wait_option,
    json_option,
    quiet_option,
)
from segue.cli.problem import Problem
from segue.cli.reports.document import SCHEMA_VERSION
from segue.cli.reports.summary import print_result
from segue.cli.session import db_words, opened
from segue.cli.terminal.output import print_json, print_lines
from segue.cli.terminal.styled import Line, Part, Role, line, printable
from segue.cli.watch.attending import attend
from segue.cli.watch.how import How
from segue.core.items import Items
from segue.core.rerun_plan import RerunPlan, RerunRequest, Target, Visited
from segue.runtime.engine import Engine
from segue.values import JsonValue

_TARGET = re.compile(r"(?P<task>.+?)(#(?P<visit>[1-9]\d*))?\Z")
#: So many names are told one by one.
_TOLD = 20


@click.command("rerun")
@execution_argument
@click.option(
    "--from",
    "targets",
    metavar="TASK[#VISIT]",
    multiple=True,
    help="Run this task again, in its latest visit or this one, and all that follows from it. May "
    "be repeated.",
)
@click.option("--from-start", is_flag=True, help="Run all of it again.")
@click.option(
    "--reset-items", is_flag=True, help="Run all items again, not only those that did not succeed."
)
@click.option(
    "-i",
    "--input",
    "inputs",
    metavar="KEY=VALUE",
    multiple=True,
    help="Change an input. May be repeated.",
)
@click.option(
    "--set",
    "variables",
    metavar="NAME=VALUE",
    multiple=True,
    help="Change a variable before what is run again. May be repeated.",
)
@click.option("--dry-run", is_flag=True, help="Only show what would be run again.")
@json_option("Print the whole execution (or the plan) as one JSON document.")
@exit_on_wait_option
@quiet_option
@db_option
def command(  # noqa: PLR0913, PLR0917 (one parameter for each option)
    execution: str,
    targets: tuple[str, ...],
    from_start: bool,  # noqa: FBT001 (click's)
    reset_items: bool,  # noqa: FBT001
    inputs: tuple[str, ...],
    variables: tuple[str, ...],
    dry_run: bool,  # noqa: FBT001
    as_json: bool,  # noqa: FBT001
    exit_on_wait: bool,  # noqa: FBT001
    quiet: bool,  # noqa: FBT001
    db: str | None,
) -> int:
    """Run an execution again that has ended, or a part of it.

    ID is an id, any beginning of it that is unique, or @latest. Without --from: what failed or was
    canceled, and what had not started. What followed from what is run again counts no more; the
    history keeps it.
    """
    if targets and from_start:
        raise Problem("--from and --from-start can't be given together")
    how = How(as_json=as_json, exit_on_wait=exit_on_wait, quiet=quiet, db=db_words(db))
    request = RerunRequest(
        targets=tuple(_target(text) for text in targets),
        from_start=from_start,
        reset_items=reset_items,
        variables=parse_pairs(variables, {}),
    )
    wanted = _Wanted(request=request, inputs=inputs)
    if dry_run:
        return asyncio.run(_show(execution, wanted, db, as_json=as_json))
    return asyncio.run(_rerun(execution, wanted, db, how))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Wanted:
    """What was asked for. What the inputs are depends on the workflow, which says their types."""

    request: RerunRequest
    inputs: tuple[str, ...]

    async def of(self, engine: Engine, execution: str) -> RerunRequest:
        if not self.inputs:
            return self.request
        workflow = await engine.workflow(execution)
        schemas = {one.name: one.schema for one in workflow.inputs}
        return replace(self.request, inputs=parse_pairs(self.inputs, schemas))


def _target(text: str) -> Target:
    parts = _TARGET.match(text)
    if parts is None:
        raise Problem(f"can't read the task {text!r}", hint="write it as TASK or TASK#VISIT")
    visit = parts["visit"]
    return Target(task=parts["task"], visit=None if visit is None else int(visit))


async def _show(reference: str, wanted: _Wanted, db: str | None, *, as_json: bool) -> ExitCode:
    async with opened(db) as engine:
        execution = await engine.find(reference)
        plan = await engine.plan_rerun(execution, await wanted.of(engine, execution))
    if as_json:
        print_json(_document(execution, plan))
    else:
        print_lines(plan_lines(plan), sys.stdout)
    return ExitCode.SUCCEEDED


async def _rerun(reference: str, wanted: _Wanted, db: str | None, how: How) -> ExitCode:
    async with opened(db) as engine:
        execution = await engine.find(reference)
        request = await wanted.of(engine, execution)
        with redirect_stdout(sys.stderr):  # what functions print must not get into our data
            plan = await engine.rerun(execution, request)
            if not how.quiet:
                print_lines(plan_lines(plan), sys.stderr)
            told = {execution: plan.seq}
            (ending,) = await attend(engine, [execution], how, kept=True, told=told)
    print_result(ending.view, ending.children, as_json=how.as_json)
    return ending.code


def plan_lines(plan: RerunPlan) -> list[Line]:
    """Return a plan as lines of text."""
    others = [visited for visited in plan.superseded if visited not in plan.targets]
    lines = []
    if plan.from_start:
        lines.append(_line("run again", "all of it, from its start"))
    if plan.targets:
        lines.append(_line("run again", _names(plan.targets, plan.items)))
    if plan.withheld:
        lines.append(_line("go on with", ", ".join(dict.fromkeys(plan.withheld))))
    if others:
        lines.append(_line("counts no more", _names(others)))
    if plan.inputs is not None:
        lines.append(_line("inputs", "changed"))
    if plan.variables:
        lines.append(_line("set", ", ".join(plan.variables)))
    return lines


def _line(what: str, words: str) -> Line:
    return line(Part(f"{what:<15}", Role.FAINT), printable(words))


def _names(
    visited: Sequence[Visited], items: Mapping[Visited, Items] = MappingProxyType({})
) -> str:
    names = [f"{one[0]}#{one[1]}{_of_items(items.get(one))}" for one in visited[:_TOLD]]
    more = len(visited) - len(names)
    return ", ".join(names) + (f" and {more} more" if more > 0 else "")


def _of_items(items: Items | None) -> str:
    return "" if items is None else f" ({len(_left(items))} of {len(items.values)} items)"


def _left(items: Items) -> list[JsonValue]:
    return [item for item in range(len(items.values)) if item not in items.ended]


def _document(execution: str, plan: RerunPlan) -> dict[str, JsonValue]:
    return {
        "schema_version": SCHEMA_VERSION,
        "id": execution,
        "from_start": plan.from_start,
        "targets": [
            {"task": task, "visit": visit, "items": None if items is None else _left(items)}
            for task, visit in plan.targets
            for items in (plan.items.get((task, visit)),)
        ],
        "superseded": [{"task": task, "visit": visit} for task, visit in plan.superseded],
        "withheld": list(plan.withheld),
        "inputs": plan.inputs,
        "variables": dict(plan.variables),
    }
