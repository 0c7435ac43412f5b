"""How an action reaches where it runs."""
