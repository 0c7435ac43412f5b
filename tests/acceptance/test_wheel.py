"""What is installed is complete: the wheel runs a workflow without the source tree."""

import os
import subprocess
import sys
import zipfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]

WORKFLOW = """
segue: 1
tasks:
  greet:
    action: core.echo
    input: {message: hello}
    next: [{publish: {said: "{{ result() }}"}}]
output: {said: "{{ ctx.said }}"}
"""


def test_the_wheel_has_all_that_it_needs_and_runs_a_workflow(tmp_path: Path) -> None:
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)],
        cwd=ROOT,
        check=True,
        capture_output=True,
    )
    (wheel,) = tmp_path.glob("segue-*.whl")
    unpacked = tmp_path / "unpacked"
    with zipfile.ZipFile(wheel) as packed:
        names = packed.namelist()
        packed.extractall(unpacked)
    assert "segue/py.typed" in names
    assert any(name.startswith("segue/store/sqlite/migrations/0001") for name in names)
    assert not [name for name in names if name.startswith(("tests/", "src/"))]
    (tmp_path / "hello.yaml").write_text(WORKFLOW)
    ran = subprocess.run(
        [sys.executable, "-m", "segue", "run", "hello.yaml", "--db", "hello.db"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(unpacked)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr
    assert ran.stdout.split() == ["{", '"said":', '"hello"', "}"]
    where = subprocess.run(
        [sys.executable, "-c", "import segue; print(segue.__file__)"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(unpacked)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert where.stdout.startswith(str(unpacked))
