"""What is on record: found, read, explained, verified, and removed when it is over."""
