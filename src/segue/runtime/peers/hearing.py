"""Whether other engines live, as far as can be told from here by looking once."""

from dataclasses import dataclass, field

from segue.core.reasons import Lease
from segue.runtime.config import Config
from segue.runtime.desk.identity import Identity, identify, is_gone
from segue.store.port import EngineRow

#: An engine that has not been heard for so many of its heartbeats is late.
LATE_BEATS = 2.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Hearing:
    """When an engine is late, and when it is lost. All in seconds."""

    now: float
    late_after: float
    lost_after: float
    here: Identity = field(default_factory=identify)

    @classmethod
    def of(cls, config: Config, now: float) -> "Hearing":
        """Return what holds with this configuration."""
        late_after = LATE_BEATS * config.heartbeat_seconds
        return cls(now=now, late_after=late_after, lost_after=config.lost_after_seconds)

    def lease(self, row: EngineRow) -> Lease | None:
        """Return the lease of an engine; None: it does not live, as far as can be told from here.

        An engine that is late is never lost as well.
        """
        silent = self.now - row.heartbeat_at
        if silent > self.lost_after or is_gone(row, self.here):
            return None
        return Lease(
            engine=row.id,
            process=row.pid,
            host=row.host,
            heard_at=row.heartbeat_at,
            until=row.heartbeat_at + self.lost_after,
            late=silent > self.late_after,
        )

    def lives(self, row: EngineRow) -> bool:
        """Return whether an engine lives, as far as can be told from here."""
        return self.lease(row) is not None
