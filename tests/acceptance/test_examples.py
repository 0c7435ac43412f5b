"""Every file in examples/ does what it says, from the command line, without waiting."""

import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest
import yaml

from segue.checking import check
from segue.graph.drawing.term import draw_term
from segue.graph.task_graph import TaskGraph
from segue.language.schema import native_schema

pytestmark = pytest.mark.slow

ROOT = Path(__file__).resolve().parents[2]
EXAMPLES = ROOT / "examples"
FILES = sorted(EXAMPLES.glob("*.yaml"))
NATIVE = [file for file in FILES if "segue: 1" in file.read_text()]
NAMES = [file.stem for file in FILES]
MODELINE = "# yaml-language-server: $schema="


@dataclass(frozen=True)
class Terminal:
    """Runs what a user would, in the root of the project; nothing of the user's is touched."""

    folder: Path

    @property
    def environment(self) -> dict[str, str]:
        kept = {name: text for name, text in os.environ.items() if not name.startswith("SEGUE_")}
        return {**kept, "XDG_STATE_HOME": str(self.folder), "NO_COLOR": "1"}

    def segue(self, *arguments: str) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            [sys.executable, "-m", "segue", *arguments],
            cwd=ROOT,
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )

    def run(self, name: str, /, **inputs: object) -> "Ran":
        """Run an example with `segue run --json`."""
        pairs = [part for key, text in inputs.items() for part in ("-i", f"{key}={text}")]
        file = f"examples/{name}.yaml"
        done = self.segue("run", file, *pairs, "--json", "--quiet", "--db", ":memory:")
        assert done.stdout, done.stderr
        return Ran(code=done.returncode, document=json.loads(done.stdout))


@dataclass(frozen=True)
class Ran:
    """How an execution ended: the exit code, and what `--json` printed."""

    code: int
    document: dict[str, Any]

    @property
    def output(self) -> dict[str, Any]:
        output: dict[str, Any] = self.document["output"]
        return output

    @property
    def visits(self) -> list[str]:
        return [f"{task['task']}#{task['visit']}" for task in self.document["tasks"]]

    def results(self, name: str) -> list[Any]:
        return [task["result"] for task in self.document["tasks"] if task["task"] == name]


@pytest.fixture
def terminal(tmp_path: Path) -> Terminal:
    return Terminal(tmp_path)


@contextmanager
def service(unhealthy: int) -> Iterator[str]:
    """Run examples/service.py, and give the URL to ask."""
    with subprocess.Popen(
        [sys.executable, str(EXAMPLES / "service.py"), "--unhealthy", str(unhealthy)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        try:
            yield f"http://127.0.0.1:{int(process.stdout.readline())}/health"
        finally:
            process.send_signal(signal.SIGTERM)
            _, complaint = process.communicate(timeout=60)
    assert process.returncode == 0, "the service ends cleanly"
    assert complaint == ""


def test_there_are_the_examples_that_the_documents_speak_of() -> None:
    assert {
        "monitoring-loop",
        "retry-with-cycle",
        "conditional-loop",
        "fork-join-loop",
        "fan-out",
        "deploy-with-rollback",
        "staged-rollout",
    } <= set(NAMES)


@pytest.mark.parametrize("file", FILES, ids=NAMES)
def test_an_example_has_no_findings(file: Path) -> None:
    assert check(file.read_text(), str(file)).findings == ()


@pytest.mark.parametrize("file", FILES, ids=NAMES)
def test_an_example_says_what_it_shows_and_how_to_run_it(file: Path) -> None:
    head = re.match(r"(?:#.*\n)+", file.read_text())
    assert head is not None
    commands = re.findall(r"segue run (\S+)((?: -i \w+=\S+)*)", head[0])
    assert commands, "the comment at the top has a command to run it"
    declared = yaml.safe_load(file.read_text())["input"]
    names = [next(iter(one)) if isinstance(one, dict) else one for one in declared]
    for path, pairs in commands:
        assert path == f"examples/{file.name}"
        assert set(re.findall(r"-i (\w+)=", pairs)) <= set(names)


@pytest.mark.parametrize("file", NATIVE, ids=[file.stem for file in NATIVE])
def test_an_editor_finds_the_schema_of_an_example_and_accepts_it(file: Path) -> None:
    first, *_ = file.read_text().splitlines()
    assert first.startswith(MODELINE)
    schema = json.loads((file.parent / first.removeprefix(MODELINE)).read_text())
    assert schema == native_schema(), "segue schema > docs/segue-1.schema.json"
    jsonschema_rs.validate(schema, yaml.safe_load(file.read_text()))


@pytest.mark.parametrize("file", FILES, ids=NAMES)
def test_an_example_is_drawn_with_all_of_its_tasks(file: Path) -> None:
    workflow = check(file.read_text(), str(file)).workflow
    assert workflow is not None
    graph = TaskGraph.of(workflow)
    drawn = draw_term(graph, width=100)
    for name in workflow.tasks:
        assert re.search(rf"[▶●◆] .*?\b{name}\b", drawn), drawn
    assert ("↺" in drawn) == bool(graph.loop_edges)


# monitoring-loop


def test_monitoring_goes_round_until_the_service_is_healthy(terminal: Terminal) -> None:
    with service(unhealthy=3) as url:
        ran = terminal.run("monitoring-loop", url=url, pause=0.01)
    assert ran.code == 0
    assert ran.document["status"] == "succeeded"
    assert ran.output == {"healthy": True, "probes": 4}
    assert [answer["status_code"] for answer in ran.results("probe")] == [503, 503, 503, 200]
    assert ran.results("report") == [f"{url} is healthy after 4 probes"]
    assert ran.results("page") == []


def test_monitoring_pages_and_fails_after_so_many_probes(terminal: Terminal) -> None:
    with service(unhealthy=100) as url:
        ran = terminal.run("monitoring-loop", url=url, pause=0.01, attempts=3)
    assert ran.code == 1
    assert ran.document["status"] == "failed"
    assert ran.document["settled"] is True
    assert ran.output == {"healthy": False, "probes": 3}
    assert ran.results("page") == [f"{url} is not healthy after 3 probes"]
    assert ran.visits.count("report#1") == 0


def test_a_probe_is_retried_only_where_there_was_no_answer(terminal: Terminal) -> None:
    with service(unhealthy=100) as url:
        answered = terminal.run("monitoring-loop", url=url, pause=0.01, attempts=1)
    silent = terminal.run("monitoring-loop", url=url, pause=0.01, attempts=1)  # it has ended
    [after_an_answer] = [one for one in answered.document["tasks"] if one["task"] == "probe"]
    [after_none] = [one for one in silent.document["tasks"] if one["task"] == "probe"]
    assert after_an_answer["attempts"] == 1
    assert after_none["attempts"] == 3


# retry-with-cycle


def test_a_cycle_makes_visits_and_a_retry_makes_attempts(terminal: Terminal) -> None:
    ran = terminal.run("retry-with-cycle", pause=0.01)
    assert ran.code == 0
    assert ran.results("both") == ["by cycle: visit 3, attempt 1; by retry: visit 1, attempt 3"]
    assert ran.output == {"said": ran.results("both")[0], "tries": 3, "pauses": [0.01, 0.02]}


def test_whichever_way_to_try_again_gives_up_first_ends_it(terminal: Terminal) -> None:
    ran = terminal.run("retry-with-cycle", pause=0.001, works_at=9, most=4)
    assert ran.code == 1
    assert ran.document["status"] == "failed"
    visits = sum(visited.startswith("by_cycle#") for visited in ran.visits)
    [retried] = [task for task in ran.document["tasks"] if task["task"] == "by_retry"]
    assert max(visits, retried["attempts"]) == 4
    assert "both#1" not in ran.visits


# conditional-loop


def test_each_turn_of_the_loop_takes_one_of_two_ways(terminal: Terminal) -> None:
    ran = terminal.run("conditional-loop", pause=0)
    assert ran.code == 0
    assert ran.output == {"cleaned": ["/var", "/srv"], "left_alone": ["/", "/home"]}
    turns = [visit.split("#")[0] for visit in ran.visits if not visit.startswith(("look", "go_on"))]
    assert turns == ["leave", "clean", "leave", "clean", "report"]


def test_the_loop_ends_at_once_where_there_is_nothing_to_do(terminal: Terminal) -> None:
    ran = terminal.run("conditional-loop", disks="[]")
    assert ran.visits == ["look#1", "report#1"]


# fork-join-loop


def test_each_round_forks_and_its_join_merges_both_arms(terminal: Terminal) -> None:
    ran = terminal.run("fork-join-loop", pause=0)
    assert ran.code == 0
    assert ran.output == {
        "share": 100,
        "history": [
            [10, 0.2, 110],
            [20, 0.2, 120],
            [40, 0.2, 140],
            [80, 0.2, 180],
            [100, 0.2, 200],
        ],
    }
    for name in ("shift", "errors", "latency", "judge"):
        assert sum(visit.startswith(f"{name}#") for visit in ran.visits) == 5, "once in each round"


def test_a_round_that_goes_badly_ends_the_loop(terminal: Terminal) -> None:
    ran = terminal.run("fork-join-loop", pause=0, breaks_at=40)
    assert ran.code == 1
    assert ran.output == {"share": 0, "history": [[10, 0.2, 110], [20, 0.2, 120]]}
    assert ran.visits.count("shift_back#1") == 1


# fan-out


def test_the_hosts_that_answer_are_gone_on_with(terminal: Terminal) -> None:
    ran = terminal.run("fan-out")
    assert ran.code == 0
    assert ran.output == {
        "alive": ["web.example", "db.example", "mail.example", "dns.example"],
        "numbered": ["1. web.example", "2. db.example", "3. mail.example", "4. dns.example"],
        "pairs": ["web.example and db.example", "mail.example and dns.example"],
    }


def test_too_many_hosts_that_do_not_answer_are_a_failure(terminal: Terminal) -> None:
    ran = terminal.run("fan-out", down='["web", "db"]')
    assert ran.code == 1
    assert ran.output == {"alive": [], "numbered": [], "pairs": []}
    assert ran.visits == ["ask#1"]
    [asked] = ran.document["tasks"]
    assert asked["attempts"] == 2
    assert [one["succeeded"] for one in asked["result"]] == [False, False, True, True, True]


def test_no_hosts_are_nothing_to_ask(terminal: Terminal) -> None:
    ran = terminal.run("fan-out", hosts="[]")
    assert ran.code == 0
    assert ran.output == {"alive": [], "numbered": [], "pairs": []}


# deploy-with-rollback


def test_a_release_that_works_stays(terminal: Terminal, tmp_path: Path) -> None:
    root = tmp_path / "app"
    ran = terminal.run("deploy-with-rollback", root=root)
    assert ran.code == 0
    assert ran.output == {"root": str(root), "live": "2.0"}
    assert str((root / "current").readlink()) == "releases/2.0"
    assert "roll_back#1" not in ran.visits


def test_a_release_that_does_not_work_is_rolled_back(terminal: Terminal, tmp_path: Path) -> None:
    root = tmp_path / "app"
    terminal.run("deploy-with-rollback", root=root, version="1.9")
    ran = terminal.run("deploy-with-rollback", root=root, broken="true")
    assert ran.code == 1
    assert ran.document["status"] == "failed"
    assert ran.output == {"root": str(root), "live": "1.9"}
    assert str((root / "current").readlink()) == "releases/1.9"
    handled = [error["task"] for error in ran.document["errors"] if error["handled"]]
    assert handled == ["smoke_check"]


def test_a_failure_before_the_switch_leaves_everything_as_it_was(
    terminal: Terminal, tmp_path: Path
) -> None:
    root = tmp_path / "app"
    terminal.run("deploy-with-rollback", root=root)
    (root / "releases" / "3.0").write_text("a file where a directory should be")
    ran = terminal.run("deploy-with-rollback", root=root, version="3.0")
    assert ran.code == 1
    assert ran.visits == ["prepare#1", "unpack#1"]
    assert str((root / "current").readlink()) == "releases/2.0"


# staged-rollout


def test_a_release_that_works_at_one_place_goes_everywhere(terminal: Terminal) -> None:
    ran = terminal.run("staged-rollout")
    assert ran.code == 0
    assert ran.output == {"live": {"north": "2.0", "south": "2.0"}}


def test_a_release_that_does_not_work_stays_where_it_was_tried(terminal: Terminal) -> None:
    ran = terminal.run("staged-rollout", broken="true")
    assert ran.code == 1
    assert ran.output == {"live": {"first": "1.0"}}
    assert ran.visits == ["try_it#1"]


# orquesta-compatible


def test_an_orquesta_file_runs_as_it_is(terminal: Terminal) -> None:
    ran = terminal.run("orquesta-compatible", name="Ada")
    assert ran.code == 0
    assert ran.output == {"text": "Hello, Salve, Ada!", "times": 2}


# the demo


def test_the_demo_shows_the_loop_and_passes_the_exit_code_on(terminal: Terminal) -> None:
    def demo(*options: str) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            [sys.executable, "examples/demo.py", "-i", "pause=0.01", *options],
            cwd=ROOT,
            env=terminal.environment,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )

    healthy = demo()
    assert healthy.returncode == 0, healthy.stderr
    assert '"probes": 6' in healthy.stdout
    assert "probe#6 succeeded" in healthy.stderr
    assert demo("-i", "attempts=2").returncode == 1
    kept = json.loads(terminal.segue("list", "--json").stdout)["executions"]
    assert [row["status"] for row in kept] == ["failed", "succeeded"], "both are in the database"
