"""Being with executions until they end: followed, and shown while they go on."""
