"""docs/why.md shows what `segue why` says in ten situations: each is played, and compared."""

import os
import re
import socket
import time
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from tests.runtime.fakes import in_loop, settle, until
from tests.runtime.stage import CONFIG, Stage

from segue.cli.reports.reason_lines import Page, why_lines
from segue.cli.reports.tree import Canvas
from segue.cli.terminal.glyphs import UNICODE
from segue.core import reasons
from segue.core.reasons import Reason
from segue.core.stimuli import Failed

PATH = Path(__file__).resolve().parents[2] / "docs" / "why.md"
ID = "01kq2m8x7d3f"

#: A stage, its transport and engine, when the execution has begun: what is to happen to it.
Scene = Callable[["Act"], Awaitable[None]]


class Act:
    """The execution of a section, on a stage of its own."""

    def __init__(self, title: str, folder: Path) -> None:
        self.title = title
        self.stage = Stage()
        self.folder = folder

    async def begin(self) -> None:
        (self.folder / "deploy.yaml").write_text(workflow("4. Somebody is to answer"))
        config = replace(CONFIG, workflows=str(self.folder))
        self.engine, self.transport = await self.stage.engine(config)
        await self.engine.start(workflow(self.title), id=ID)
        await settle()

    async def said(self) -> str:
        """Return what `segue why` says on a terminal of 80 columns."""
        looking, _ = await self.stage.engine()
        canvas = Canvas(width=80, height=100, glyphs=UNICODE)
        page = Page(canvas=canvas, now=self.stage.clock.now())
        text = "\n".join(one.plain for one in why_lines(await looking.why(ID), page)) + "\n"
        return text.replace(
            f"process {os.getpid()} on {socket.gethostname()}", "process 4711 on build-3"
        )


async def runs(act: Act) -> None:
    act.transport.end("compile#1.1", Failed(message="no rule to make target"))
    await until(lambda: act.transport.names() == ["compile#1.2"])
    await act.stage.clock.advance(65)


async def waits_for_a_time(act: Act) -> None:
    await act.stage.clock.advance(20)
    act.transport.end("fetch#1.1", Failed(message="no route to host"))
    await act.stage.clock.advance(1)


async def waits_for_arrivals(act: Act) -> None:
    await until(lambda: "build#1.1" in act.transport.names())
    act.transport.end("build#1.1")
    await act.stage.clock.advance(12)


async def waits_for_items(act: Act) -> None:
    await until(lambda: len(act.transport.names()) == 2)
    act.transport.end("copy#1.1[0]")
    await act.stage.clock.advance(30)


async def time_passes(act: Act) -> None:
    await act.stage.clock.advance(5)


async def is_paused(act: Act) -> None:
    await act.engine.pause(ID, reason="maintenance")
    await act.stage.clock.advance(5)


async def is_canceled(act: Act) -> None:
    await act.stage.clock.advance(40)
    await act.engine.cancel(ID, reason="wrong data")
    await act.stage.clock.advance(1)


async def is_late(act: Act) -> None:
    act.stage.clock.set(act.stage.clock.now() + 7)


async def is_nobodys(act: Act) -> None:
    await act.stage.clock.advance(20)
    await act.stage.kill(act.engine)


async def can_not_go_on(act: Act) -> None:
    def decide(*_given: object, **_named: object) -> object:
        raise KeyError("size")

    act.engine.conductor.desk.facts.decide = decide  # type: ignore[method-assign, assignment]
    act.transport.end("measure#1.1")
    await act.stage.clock.advance(20)


async def has_ended(act: Act) -> None:
    await act.stage.clock.advance(40)
    act.transport.end("fit#1.1", Failed(message="the command exited with 3"))
    await act.stage.clock.advance(1)


SCENES: dict[str, Scene] = {
    "1. It runs": runs,
    "2. It waits for a time": waits_for_a_time,
    "3. A join waits for arrivals": waits_for_arrivals,
    "4. Somebody is to answer": time_passes,
    "5. Items are left": waits_for_items,
    "6. A sub-workflow runs": time_passes,
    "7. It is paused": is_paused,
    "8. It is canceled, and something has not ended yet": is_canceled,
    "9. Its engine is late": is_late,
    "10. Nobody runs it": is_nobodys,
    "When it can't go on": can_not_go_on,
    "When it has ended": has_ended,
}


def section(title: str) -> str:
    found = re.search(
        rf"^## {re.escape(title)}$(.*?)(?=^## |\Z)", PATH.read_text(), re.MULTILINE | re.DOTALL
    )
    assert found, title
    return found[1]


def workflow(title: str) -> str:
    found = re.search(r"```yaml\n(.*?)```", section(title), re.DOTALL)
    assert found, title
    return found[1]


@pytest.fixture(autouse=True)
def in_one_time_zone(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    with monkeypatch.context() as patch:
        patch.setenv("TZ", "UTC")
        time.tzset()
        yield
    time.tzset()


@pytest.mark.parametrize("title", list(SCENES))
def test_what_is_said_of_the_situation_is_what_the_page_shows(title: str, tmp_path: Path) -> None:
    texts: list[str] = []

    @in_loop
    async def play() -> None:
        act = Act(title, tmp_path)
        await act.begin()
        await SCENES[title](act)
        texts.append(await act.said())
        await act.stage.stop()

    play()
    part = section(title)
    shown = re.search(r"```text\n(.*?)```", part, re.DOTALL)
    assert shown, title
    if os.environ.get("SEGUE_RENEW_GOLDEN"):
        renewed = part.replace(shown[0], f"```text\n{texts[0]}```")
        PATH.write_text(PATH.read_text().replace(part, renewed))
        return
    assert texts[0] == shown[1]


def test_the_page_has_ten_situations_and_each_is_played() -> None:
    titles = re.findall(r"^## (\d+\. .*)$", PATH.read_text(), re.MULTILINE)
    assert [int(title.split(".")[0]) for title in titles] == list(range(1, 11))
    assert [title for title in SCENES if title[0].isdigit()] == titles


def test_the_kinds_in_the_docs_are_those_of_the_program() -> None:
    rows = re.findall(r"^\| `(\w+)` \| .* \| (.*?)\|$", section("Kinds of reasons"), re.MULTILINE)
    found = {kind: re.findall(r"`(\w+)`", fields) for kind, fields in rows}
    kinds = {
        str(kind.__struct_config__.tag): list(kind.__struct_fields__)
        for kind in vars(reasons).values()
        if isinstance(kind, type) and issubclass(kind, Reason) and kind is not Reason
    }
    assert found == kinds
