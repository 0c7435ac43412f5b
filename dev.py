#!/usr/bin/env python3
"""One command each to set up, run the demo, test, check and format. Needs Python 3.11 only."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parent
VENV = ROOT / ".venv"
BIN = VENV / ("Scripts" if os.name == "nt" else "bin")
STAMP = VENV / ".set-up"


def run(*command: str | Path) -> None:
    """Run a command in the root of the project; its failure is ours."""
    environment = {
        "UV_SYSTEM_CERTS": "1",  # trust whom the machine trusts, as pip does: a proxy, for one
        **os.environ,
        "VIRTUAL_ENV": str(VENV),
        "UV_PROJECT_ENVIRONMENT": str(VENV),
    }
    done = subprocess.run([str(part) for part in command], cwd=ROOT, env=environment, check=False)
    if done.returncode:
        sys.exit(done.returncode)


def setup() -> None:
    """Make `.venv` with exactly what `uv.lock` says; again only when that changed."""
    lock = (ROOT / "uv.lock").read_bytes() + (ROOT / "pyproject.toml").read_bytes()
    if STAMP.exists() and STAMP.read_bytes() == lock:
        return
    print("setting up .venv", file=sys.stderr)
    if not (BIN / "python").exists():
        try:
            venv.create(VENV, with_pip=True)
        except BaseException:
            shutil.rmtree(VENV, ignore_errors=True)  # half of one would pass for a whole one
            raise
    run(BIN / "python", "-m", "pip", "install", "--quiet", "uv>=0.9")
    run(BIN / "uv", "sync", "--locked", "--inexact", "--quiet", "--compile-bytecode")
    STAMP.write_bytes(lock)


def demo() -> None:
    """Run the monitoring loop against a small service that is unhealthy at first."""
    run(BIN / "python", "examples/demo.py", *sys.argv[2:])


def test() -> None:
    """Run the tests, with branch coverage of the pure parts at 100 %."""
    order_sets()
    if sys.argv[2:]:
        run(BIN / "pytest", *sys.argv[2:])
        return
    run(BIN / "pytest", "--numprocesses=logical", "--dist=worksteal", "--cov", "--cov-report=")
    pure = "src/segue/values.py,src/segue/language/*,src/segue/expressions/*,src/segue/graph/*"
    pure += ",src/segue/checking/*,src/segue/core/*,src/segue/conducting/*,src/segue/rehearsal/*"
    pure += ",src/segue/verification/*,src/segue/conversion/*"
    run(BIN / "coverage", "report", f"--include={pure}", "--skip-covered", "--fail-under=100")


def order_sets() -> None:
    """Let what depends on the order of a set come out the same again from the same seed."""
    os.environ["PYTHONHASHSEED"] = "0"


def nightly() -> None:
    """Simulate worlds in which everything goes wrong, as many executions as are asked for."""
    order_sets()
    run(BIN / "python", "-m", "tests.simulation.nightly", *sys.argv[2:])


def crashes() -> None:
    """Kill real processes at every point and at random times, on SQLite and PostgreSQL."""
    run(BIN / "python", "-m", "tests.crashes.nightly", *sys.argv[2:])


def lint() -> None:
    """Everything that is checked without running the product."""
    run(BIN / "ruff", "format", "--check", ".")
    run(BIN / "ruff", "check", ".")
    run(BIN / "mypy")
    run(BIN / "lint-imports")


def check() -> None:
    """Everything that CI does."""
    lint()
    test()


def format_() -> None:
    """Format the code, and mend what can be mended."""
    run(BIN / "ruff", "check", "--fix-only", "--quiet", ".")
    run(BIN / "ruff", "format", ".")


COMMANDS = {
    "setup": lambda: None,
    "demo": demo,
    "test": test,
    "nightly": nightly,
    "crashes": crashes,
    "lint": lint,
    "check": check,
    "format": format_,
}


def main() -> None:
    """Run the command named on the command line."""
    # Ctrl-C reaches the children as well, and what they make of it is what counts.
    signal.signal(signal.SIGINT, lambda *_: None)
    name = sys.argv[1] if len(sys.argv) > 1 else ""
    if name not in COMMANDS:
        sys.exit(f"usage: python3 dev.py {'|'.join(COMMANDS)} [arguments]")
    setup()
    COMMANDS[name]()


if __name__ == "__main__":
    main()
