"""Drawings of a graph: where everything stands, and how it is written."""
