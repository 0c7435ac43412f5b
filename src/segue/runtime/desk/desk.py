"""What the parts of one engine share."""

import asyncio
from dataclasses import dataclass, field

from segue.runtime.desk.clock import Clock
from segue.runtime.desk.facts import FactSource
from segue.runtime.desk.following import Followers
from segue.runtime.desk.holdings import Holdings
from segue.runtime.desk.identity import Identity, identify
from segue.runtime.desk.inbox import Inbox
from segue.runtime.desk.loading import Loader
from segue.runtime.desk.values import Values
from segue.runtime.workflows.catalog import Catalog
from segue.runtime.workflows.programs import Programs
from segue.store.port import Store


@dataclass(slots=True, kw_only=True)
class Desk:
    """See the module.

    Whoever has the lock `turn` sees the holdings and the store agree: all deciding and all
    handing off is done in turns. `identity` changes when the engine was declared lost.
    """

    store: Store
    clock: Clock
    facts: FactSource
    programs: Programs
    loader: Loader
    values: Values
    catalog: Catalog = field(default_factory=Catalog)
    inbox: Inbox = field(default_factory=Inbox)
    holdings: Holdings = field(default_factory=Holdings)
    followers: Followers = field(default_factory=Followers)
    turn: asyncio.Lock = field(default_factory=asyncio.Lock)
    identity: Identity = field(default_factory=identify)
