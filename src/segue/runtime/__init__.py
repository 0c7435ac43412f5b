"""The asyncio service around the core: inbox, batches, timers, dispatch."""
