"""Turns of the loop: what waits is decided, written in one transaction, and handed off."""
