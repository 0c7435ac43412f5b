"""From what a user writes to the id of an execution."""

from segue.core.errors import RequestError
from segue.store.port import Store
from segue.store.soundness import storable

#: Means the execution that was started last, and not for another one.
LATEST = "@latest"


async def find_execution(store: Store, reference: str) -> str:
    """Return the id that a reference means: the id itself, a unique beginning of it, or @latest.

    Raises `RequestError`: `execution_not_found`, `reference_ambiguous`.
    """
    if reference == LATEST:
        rows = await store.list_executions(top=True, limit=1)
        if not rows:
            raise RequestError("execution_not_found", "there are no executions yet")
        return rows[0].id
    reference = storable(reference)
    text = reference.strip().lower()
    if await store.get_execution(reference) is not None:
        return reference
    found = await store.find_executions(text, limit=6) if text else ()
    if not found:
        raise RequestError(
            "execution_not_found",
            f"there is no execution {reference or repr(reference)}",
            hint="`segue list` shows them",
        )
    if len(found) > 1:
        shown = ", ".join(found[:5]) + (", ..." if len(found) > 5 else "")
        raise RequestError(
            "reference_ambiguous",
            f"{reference} is the beginning of several executions: {shown}",
            hint="give more of the id",
        )
    return found[0]
