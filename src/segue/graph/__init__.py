"""The graph of a workflow: nodes, edges, entry points, joins and loops, computed once."""
