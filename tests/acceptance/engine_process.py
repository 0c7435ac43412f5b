"""A process with an engine in it, for tests that kill it. Run as a script.

    engine_process.py run DB FILE ID        start an execution and stay until it is settled
    engine_process.py resume DB [ID]        take what is free, and stay until it is settled
    engine_process.py cancel DB ID          ask to cancel
    engine_process.py serve DB LIMIT        take any work, LIMIT actions at a time, until SIGTERM

Each prints one JSON document a line: what it has done, with the time, as soon as it has.
"""

import asyncio
import json
import signal
import sys
import time
from pathlib import Path

import segue


def say(**what: object) -> None:
    sys.stdout.write(json.dumps({"at": time.time(), **what}) + "\n")
    sys.stdout.flush()


async def run(engine: segue.Engine, file: str, execution: str) -> None:
    await engine.start(Path(file), id=execution)
    say(started=execution)
    view = await engine.result(execution)
    say(settled=execution, status=view.status)


async def resume(engine: segue.Engine, execution: str | None = None) -> None:
    resumed = await engine.resume(execution)
    held = [execution for execution, _ in resumed.held]
    say(taken=list(resumed.taken), held=held, stuck=list(resumed.stuck))
    for taken in resumed.taken:
        view = await engine.result(taken)
        say(settled=taken, status=view.status)


async def cancel(engine: segue.Engine, execution: str) -> None:
    await engine.cancel(execution)
    say(canceled=execution)


async def serve(engine: segue.Engine) -> None:
    serving = asyncio.create_task(engine.serve(lambda taken: say(taken=list(taken))))
    asyncio.get_running_loop().add_signal_handler(
        signal.SIGTERM, lambda: asyncio.ensure_future(engine.stop(0))
    )
    await asyncio.sleep(0)
    say(serving=True)
    await serving


async def main() -> None:
    command, db, *arguments = sys.argv[1:]
    config = segue.Config(
        db=db,
        heartbeat_seconds=0.2,
        lost_after_seconds=1.0,
        max_concurrent_actions=int(arguments[0]) if command == "serve" else 100,
    )
    async with segue.Engine(config=config) as engine:
        match command:
            case "run":
                await run(engine, *arguments)
            case "resume":
                await resume(engine, *arguments)
            case "cancel":
                await cancel(engine, *arguments)
            case "serve":
                await serve(engine)


if __name__ == "__main__":
    asyncio.run(main())
