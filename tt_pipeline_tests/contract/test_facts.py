"""docs/research-api.md and the tests have the same facts."""

import re
from pathlib import Path
from typing import Final

from tt_pipeline.codebook.endpoints import ENDPOINTS
from tt_pipeline.simulator.endpoints import ENDPOINTS as SERVED
from tt_pipeline_tests.contract.error_cases import CASES
from tt_pipeline_tests.contract.facts_shown import facts_shown

PAGE = (Path(__file__).parents[2] / "docs" / "research-api.md").read_text(encoding="utf-8")
NO_TEST: Final = {
    "region-meaning": "what region_code means is said in the data dictionary; the value is passed on as it came",
    "effect-photo": "no table keeps the address of an effect's photo; the landed page does",
    "who-may-apply": "about people, not programs",
    "shop-fields": "TikTok Shop is not requested",
    "recheck-days": "when stored data is checked again is not for the client to know",
    "r-client-pages": "about another client",
    "closed-comments": "tested in the rooms: documents/comments_not_disclosed and the comments' statuses",
    "cached-searches": "nothing relies on it; the simulator's own tests show it",
    "two-429": "two rows of the table of errors",
    "strays": "tested with end-date",
    "slow-answers": "tested with html-504",
}
"""Facts without a test here, and why."""


def section(title: str) -> str:
    """A chapter of the page."""
    return PAGE.split(f"\n## {title}\n")[1].split("\n## ")[0]


def first_cells(text: str) -> list[str]:
    """The first column of the chapter's first table, without its head."""
    table = text[text.index("\n| ") :].split("\n\n")[1 if text.startswith("\n| ") else 0]
    return [row.split(" | ")[0].strip("| `") for row in table.strip().splitlines()[2:]]


def test_each_quirk_and_contradiction_of_the_page_has_a_test_or_a_reason() -> None:
    """Every fact of the page has exactly one of both, and every fact of a test is on the page."""
    quirks = re.findall(r"^### (.+)$", section("Quirks"), flags=re.MULTILINE)
    facts = {*quirks, *first_cells(section("Contradictions"))}
    assert facts == facts_shown() | NO_TEST.keys()
    assert facts_shown().isdisjoint(NO_TEST)


def test_the_table_of_endpoints_is_what_we_request_and_what_the_simulator_serves() -> None:
    """Page, client and simulator have the same endpoints, addresses and buckets."""
    rows = [row.strip("| ").split(" | ") for row in section("Endpoints").splitlines() if row.startswith("| `")]
    documented = {name.strip("`"): (f"/v2/research/{path.strip('`')}", bucket) for name, path, bucket, *_ in rows}
    assert documented == {name: (endpoint.path, endpoint.bucket) for name, endpoint in ENDPOINTS.items()}
    assert set(documented.values()) == {(f"{served.path}/", served.bucket) for served in SERVED}


def test_each_row_of_the_table_of_errors_has_a_case() -> None:
    """The rows of the page are the rows of the cases."""
    assert set(first_cells(section("Errors"))) == {case.row for case in CASES}
