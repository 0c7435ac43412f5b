"""Actions of the tests of big values."""


def make(n: int) -> dict[str, object]:
    """Return as much text as one likes."""
    return {"text": "x" * n, "n": n}


def size(text: str) -> int:
    """Return how long a text is."""
    return len(text)
