"""Study files for tests: valid by default, override what matters."""

from pathlib import Path
from textwrap import dedent, indent

import pytest

from tt_pipeline.errors import StudyError
from tt_pipeline.query import Condition
from tt_pipeline.studies import Study, read_study
from tt_pipeline.vocabulary import ConditionField, Operation

HEAD = "study: Test\nstart: 2026-10-01\n"
SEARCHES = "searches: {climate: {hashtags: [climate]}}\n"


def condition(field: str, operation: str, *values: str) -> Condition:
    """A condition by its words."""
    return Condition(field=ConditionField(field), operation=Operation(operation), values=values)


def study_text(search: str, further: str = "") -> str:
    """A study whose one search is `climate`; its first condition is in line 5."""
    return f"{HEAD}searches:\n  climate:\n{indent(dedent(search).strip(), '    ')}\n{further}"


def written(text: str) -> Study:
    """The study of a text."""
    Path("study.yaml").write_text(text, encoding="utf-8")
    return read_study(Path("study.yaml"))


def refusal(text: str | bytes) -> str:
    """The message about a text that is not a valid study."""
    Path("study.yaml").write_bytes(text if isinstance(text, bytes) else text.encode())
    with pytest.raises(StudyError) as refused:
        read_study(Path("study.yaml"))
    return str(refused.value)
