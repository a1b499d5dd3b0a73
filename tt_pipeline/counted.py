"""A number with its noun, for every text that people read."""


def counted(number: int, noun: str) -> str:
    """`1 row`, `7,065 rows`; the plural of the noun ends in s."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"
