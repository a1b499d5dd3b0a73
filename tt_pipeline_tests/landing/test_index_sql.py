"""The SQL of the index runs on every supported Python."""

import re
from pathlib import Path

import tt_pipeline

_NUMBERED = re.compile(r"\?\d")


def test_no_sql_has_numbered_parameters() -> None:
    """Python 3.12.1 warns about `?1` with a sequence of values, so parameters are plain or named."""
    folders = [Path(tt_pipeline.__file__).parent, Path(__file__).parents[1]]
    sources = [file for folder in folders for kind in ("*.py", "*.sql") for file in folder.rglob(kind)]
    found = [file.name for file in sources if _NUMBERED.search(file.read_text(encoding="utf-8"))]

    assert found == [Path(__file__).name]  # this docstring
