"""Which engines have an execution, and whether they live."""

from segue.cli.terminal.times import duration_text
from segue.runtime.engine import Engine
from segue.runtime.peers.hearing import Hearing
from segue.store.port import EngineRow


async def living_engines(engine: Engine, now: float) -> list[EngineRow]:
    """Return the engines that live as far as can be told from here: those of others, too."""
    hearing = Hearing.of(engine.config, now)
    return [row for row in await engine.store.list_engines() if hearing.lives(row)]


async def holders_of(engine: Engine, execution: str, now: float) -> list[EngineRow]:
    """Return the living engines that have outstanding work of an execution."""
    holders = {work.engine for work in await engine.store.list_work(execution=execution)}
    return [row for row in await living_engines(engine, now) if row.id in holders]


def engine_words(row: EngineRow, now: float) -> str:
    """Return which process an engine is, and when its heart was last heard."""
    ago = duration_text(now - row.heartbeat_at)
    return f"process {row.pid} on {row.host} (last heard {ago} ago)"
