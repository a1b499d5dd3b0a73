"""Every block of README and docs is run by a test, is output, or says why it is not run."""

import re
from pathlib import Path
from typing import Any, Final

import pytest
import yaml

from tt_pipeline.studies import read_study
from tt_pipeline.studies.source import parse_document
from tt_pipeline_tests.documents.blocks import GUIDES, OUTPUT, PAGES, PROGRAMS, ROOT, TUTORIAL, Block, blocks
from tt_pipeline_tests.labs.shown import cookbook

RUN_BY: Final = {
    "README.md": "from_wheel/test_readme_paths.py",
    **{f"docs/{page}": "test_documents.py" for page in PROGRAMS},
    "docs/evidence/sampling.md": "documents/test_guides.py",
    "docs/study.md": "documents/test_guides.py",
    "docs/publish-elsewhere.md": "duties/test_publish_targets.py",
    "docs/read-the-data.md": "reports/test_read_the_data.py",
    **{f"docs/{page}": "labs/shown/test_shown.py" for page in ("ten-questions.md", "using-the-data.md")},
    **{f"{page.relative_to(ROOT)}": "labs/shown/test_cookbook.py" for page in cookbook.PAGES},
    **{f"docs/{page}": "documents/test_guides.py" for page in (TUTORIAL, *GUIDES)},
}
"""The pages whose shell, Python and SQL blocks a test runs."""
BASE: Final[dict[str, Any]] = {
    "study": "A part",
    "start": "2026-10-01",
    "searches": {"climate": {"hashtags": ["climate"]}},
}
BLOCKS: Final = [block for page in PAGES for block in blocks(page)]
STUDIES: Final = [block for block in BLOCKS if block.language == "yaml" and not block.not_run_because]


def test_no_fence_is_overlooked() -> None:
    """A fence that is not closed, or that the reader of pages does not know, would hide a block."""
    fences = {page: len(re.findall(r"^ *```", page.read_text(encoding="utf-8"), re.MULTILINE)) for page in PAGES}
    assert fences == {page: 2 * sum(block.page == page for block in BLOCKS) for page in PAGES}


@pytest.mark.parametrize("block", BLOCKS, ids=str)
def test_a_block_is_run_or_is_output_or_says_why_not(block: Block) -> None:
    """Readers copy blocks: what no test runs is wrong one day."""
    is_run = block.language in {"sh", "python", "sql"} and f"{block.page.relative_to(ROOT)}" in RUN_BY
    assert is_run or block.language in {*OUTPUT, "yaml"} or block.not_run_because


@pytest.mark.parametrize(("page", "test"), sorted(RUN_BY.items()))
def test_the_test_of_a_page_exists(page: str, test: str) -> None:
    """The table above names pages and tests that are there."""
    assert [path for path in (ROOT / page, ROOT / "tt_pipeline_tests" / test) if not path.exists()] == []


@pytest.mark.parametrize("block", STUDIES, ids=str)
def test_a_study_or_a_part_of_one_can_be_read(block: Block, tmp_path: Path) -> None:
    """A part is valid in a study that has what every study needs."""
    part: Any = parse_document(block.text, tmp_path / "study.yaml").content  # to PyYAML the key `on` is true
    for name in ("accounts.txt", "ids.txt"):
        (tmp_path / name).write_text("7696688856609475842\n", encoding="utf-8")
    (tmp_path / "study.yaml").write_text(yaml.safe_dump({**BASE, **part}), encoding="utf-8")
    assert read_study(tmp_path / "study.yaml").searches
