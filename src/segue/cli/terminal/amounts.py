"""Amounts in words."""


def counted(number: int, word: str) -> str:
    """Return so many of what a word names: "1 file", "2 files"."""
    return f"{number} {word}" if number == 1 else f"{number} {word}s"


def size_text(size: int) -> str:
    """Return a number of bytes as "512 B", "1.5 KiB", "3.0 MiB" or "2.1 GiB"."""
    if size < 1024:
        return f"{size} B"
    for unit, power in (("KiB", 1), ("MiB", 2)):
        if size < 1024 ** (power + 1):
            return f"{size / 1024**power:.1f} {unit}"
    return f"{size / 1024**3:.1f} GiB"
