"""What always holds of an execution, checked from its log: a table of invariants.

Pure: events in, violations out. It trusts nothing that the engine says of itself but the log, so
that it can be held against a real database, a simulation, or a log from anywhere. Logs of hosts
that step through an execution themselves (`segue.conducting`) are not its subject.
"""
