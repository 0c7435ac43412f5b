"""Segue: a durable workflow engine that follows transitions."""
