"""The engine proper: decide and evolve, pure."""
