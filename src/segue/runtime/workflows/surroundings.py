"""What an execution finds around it, before its inputs."""

import getpass

from segue.checking.hosted import ST2, hosted_context, speaks_of_st2
from segue.runtime.workflows.definitions import Prepared
from segue.store.port import Store
from segue.values import JsonValue


async def surroundings(store: Store, prepared: Prepared, execution: str) -> dict[str, JsonValue]:
    """Return the variables that stand before the inputs of an execution.

    What the key `st2` of the key store has, if it is a mapping, goes before what we know of.
    Raises `StoreError`.
    """
    text = prepared.definition.source
    if not speaks_of_st2(text, prepared.language):
        return {}
    kept = (await store.get_keys([ST2])).get(ST2)
    return hosted_context(
        text,
        prepared.language,
        workflow=prepared.workflow.name,
        execution=execution,
        user=_user(),
        kept=None if kept is None else kept.value,
    )


def _user() -> str | None:
    try:
        return getpass.getuser()
    except (OSError, KeyError):  # in a container a user need not have a name
        return None
