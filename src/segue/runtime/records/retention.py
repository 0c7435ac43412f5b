"""How long what is over is kept: pruning, in pieces that keep nobody from writing for long."""

from collections.abc import AsyncIterator, Collection, Sequence

from segue.core.status import Status
from segue.store.port import Store, Tree

#: How many trees are looked for at a time.
PAGE = 5000
#: A piece is one transaction: so many trees or events at most. One tree is never divided.
PIECE_TREES = 200
PIECE_EVENTS = 10_000


async def prune(
    store: Store, before: float, statuses: Collection[Status] = ()
) -> AsyncIterator[Sequence[Tree]]:
    """Remove the trees that are prunable, the oldest first, and give each piece that is gone.

    See `Store.find_prunable`. What comes to life meanwhile stays. Raises `StoreError`; what was
    given is gone for good then, and all else is as it was.
    """
    while found := await store.find_prunable(before, statuses=statuses, limit=PAGE):
        any_gone = False
        for piece in _pieces(found):
            gone = set(await store.prune([tree.top.id for tree in piece], before))
            any_gone |= bool(gone)
            yield [tree for tree in piece if tree.top.id in gone]
        if not any_gone:  # somebody else does the same, or all of them live again
            return


def _pieces(trees: Sequence[Tree]) -> list[list[Tree]]:
    pieces: list[list[Tree]] = []
    events = 0
    for tree in trees:
        events += tree.events
        if not pieces or len(pieces[-1]) == PIECE_TREES or events > PIECE_EVENTS:
            pieces.append([])
            events = tree.events
        pieces[-1].append(tree)
    return pieces
