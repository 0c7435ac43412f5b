"""The simple expressions, which most are: compiled here, and much faster."""
