"""docs/ten-questions.md and docs/using-the-data.md: the answer below each query."""

import re
from pathlib import Path

from tt_pipeline_tests.labs.shown.demo import tt

_DOCS = Path(__file__).parents[3] / "docs"
TEN_QUESTIONS = _DOCS / "ten-questions.md"
TEN_MISTAKES = _DOCS / "using-the-data.md"
_ANSWERED = re.compile(r"```sql\n(?P<question>.*?)```\n\n```text\n.*?```", re.DOTALL)


def questions(page: str) -> list[str]:
    """The queries of the page that have an answer below them."""
    return [match["question"] for match in _ANSWERED.finditer(page)]


def answered(page: str, data_dir: Path) -> str:
    """The page with the answers of this warehouse."""
    return _ANSWERED.sub(lambda match: _block(match["question"], _answer(match["question"], data_dir)), page)


def _block(question: str, answer: str) -> str:
    lines = "\n".join(line.rstrip() for line in answer.rstrip().splitlines())
    return f"```sql\n{question}```\n\n```text\n{lines}\n```"


def _answer(question: str, data_dir: Path) -> str:
    return tt(data_dir, "sql", question, TT_DATA_DIR=str(data_dir))
