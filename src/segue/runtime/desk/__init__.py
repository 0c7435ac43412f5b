"""What the parts of one engine share: what it has in hand, what waits, and what it reads."""
