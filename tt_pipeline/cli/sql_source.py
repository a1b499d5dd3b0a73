"""Where the SQL of `tt sql` comes from: the command line, a file, stdin, or the prompt."""

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from tt_pipeline.cli.console import are_terminals
from tt_pipeline.errors import UsageError

_STDIN: Final = "-"


def read_sql(words: Sequence[str], file: Path | None) -> str | None:
    """The SQL to run; None if a person will type it at the prompt.

    Args:
        words: The words after `tt sql`; `-` for stdin.
        file: Of --file; `-` for stdin.

    Raises:
        UsageError: There are both words and a file, the query is not one word, or it cannot be read.
    """
    if words and file:
        raise UsageError(f"There are two queries: the file {file} and the one after `tt sql`. Leave one of them out.")
    if len(words) > 1 and not words[0].startswith("."):
        raise UsageError('Write the query in quotes: `tt sql "from marts.videos limit 5"`.')
    if file and str(file) != _STDIN:
        return _text_of(file)
    if words and words[0] != _STDIN:
        return " ".join(words)
    if not file and not words and are_terminals(sys.stdin, sys.stdout):
        return None
    return _stdin()


def _stdin() -> str:
    if sys.stdin is None or (sys.stdin.isatty() and not are_terminals(sys.stdout)):
        raise UsageError("There is no query: write one after `tt sql`, or name a file with -f.")
    try:
        return sys.stdin.read()
    except UnicodeDecodeError as error:
        raise UsageError("stdin is not text in UTF-8; no query was run.") from error


def _text_of(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        problem = error.strerror if isinstance(error, OSError) else "it is not text in UTF-8"
        raise UsageError(f"{file} cannot be read ({problem}); no query was run.") from error
