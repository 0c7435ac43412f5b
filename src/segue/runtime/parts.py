"""What an engine is made of, put together."""

from dataclasses import dataclass, field

from segue.actions.registry import Registry
from segue.runtime.attempts.leftovers import end_leftover
from segue.runtime.attempts.performing import Performer
from segue.runtime.conductor import Conductor
from segue.runtime.config import Config
from segue.runtime.desk.clock import Clock, SystemClock
from segue.runtime.desk.desk import Desk
from segue.runtime.desk.facts import FactSource
from segue.runtime.desk.inbox import Inbox
from segue.runtime.desk.intake import Limits
from segue.runtime.desk.loading import Loader
from segue.runtime.desk.values import Values
from segue.runtime.peers.claims import EndProcess
from segue.runtime.turns.batch import SNAPSHOT_EVERY
from segue.runtime.workflows.catalog import Catalog
from segue.runtime.workflows.programs import Programs
from segue.store.port import Store
from segue.transport.in_process import InProcessTransport
from segue.transport.port import Transport


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """The parts of an engine, for those who bring their own. None: what is usual.

    A `store` is not closed by the engine. `snapshot_every` is how many events may follow a
    snapshot of the state.
    """

    store: Store | None = None
    transport: Transport | None = None
    clock: Clock = field(default_factory=SystemClock)
    facts: FactSource | None = None
    end_process: EndProcess = end_leftover
    snapshot_every: int = SNAPSHOT_EVERY

    def conductor(self, store: Store, config: Config, registry: Registry) -> Conductor:
        """Return the inside of an engine on a store that is open."""
        limits = Limits(inline=config.inline_value_bytes, largest=config.max_result_bytes)
        programs = Programs(store)
        desk = Desk(
            store=store,
            clock=self.clock,
            facts=self.facts or FactSource(config.env),
            programs=programs,
            loader=Loader(store, programs),
            values=Values(store),
            catalog=Catalog(config.workflows),
            inbox=Inbox(limits),
        )
        return Conductor(
            desk,
            self.transport or self._in_process(desk, config, registry),
            config,
            end_process=self.end_process,
            snapshot_every=self.snapshot_every,
        )

    def _in_process(self, desk: Desk, config: Config, registry: Registry) -> Transport:
        return InProcessTransport(
            Performer(desk, registry).perform,
            limit=config.max_concurrent_actions,
            call_later=self.clock.call_later,
        )
