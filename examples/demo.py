#!/usr/bin/env python3
"""Run the monitoring loop against a service that is unhealthy at first, and watch it.

    python examples/demo.py [OPTION OF SEGUE RUN]...

The service listens on a free port of this machine for as long as the workflow runs. The exit code
is that of `segue run`.
"""

import os
import signal
import subprocess
import sys
from pathlib import Path

from service import serving

WORKFLOW = Path(__file__).resolve().parent / "monitoring-loop.yaml"
#: With these it takes about six seconds: long enough to see the loop turn.
UNHEALTHY = 5
PAUSE = 1.2


def main() -> int:
    """Run the workflow, and return the exit code of `segue run`."""
    with serving(unhealthy=UNHEALTHY) as service:
        options = ["-i", f"url={service.url}", "-i", f"pause={PAUSE}", *sys.argv[1:]]
        command = ["run", os.path.relpath(WORKFLOW), *options]
        print(f"a service on {service.url} is unhealthy for its first {UNHEALTHY} requests")
        print("$ segue", *command, flush=True)
        # Ctrl-C reaches `segue run` as well: it is the one to decide what becomes of it.
        signal.signal(signal.SIGINT, lambda *_: None)
        with subprocess.Popen([sys.executable, "-m", "segue", *command]) as running:
            signal.signal(signal.SIGTERM, lambda *_: running.terminate())
            code = running.wait()
    return code if code >= 0 else 128 - code


if __name__ == "__main__":
    sys.exit(main())
