"""The claims of the evidence pages are true, and their numbers are those of a fresh run."""

import pytest

from tt_pipeline_tests.labs.evidence.early import BOTH_LOOKS, FIRST_LOOK, NEXT_DAY, SAME_DAY
from tt_pipeline_tests.labs.evidence.efficiency import FAULT_RATE, searches, total
from tt_pipeline_tests.labs.evidence.pages import FOLDER, Evidence, gather, pages
from tt_pipeline_tests.labs.evidence.pictures import draw_haste, draw_sampling
from tt_pipeline_tests.labs.evidence.sampling import MEASURES
from tt_pipeline_tests.labs.full_run import PAGE as FULL_RUN

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def evidence(tmp_path_factory: pytest.TempPathFactory) -> Evidence:
    """Every experiment, run once."""
    return gather(tmp_path_factory.mktemp("evidence"))


@pytest.mark.parametrize("measure", MEASURES)
def test_weighed_estimates_are_unbiased(evidence: Evidence, measure: str) -> None:
    """Their mean over 200 seeds is the truth, within two standard errors."""
    assert len(evidence.sampling.weighed) == 200
    assert abs(evidence.sampling.bias(measure)) <= 2


@pytest.mark.parametrize("measure", MEASURES[1:])
def test_best_first_is_visibly_biased(evidence: Evidence, measure: str) -> None:
    """For the same number of videos it is more than five standard errors off; so is a sample without weights."""
    found = evidence.sampling
    unweighed = sum(found.values(measure, found.unweighed)) / len(found.unweighed)

    assert abs(found.standard_errors(measure, getattr(found.best_first, measure))) > 5
    assert abs(found.standard_errors(measure, unweighed)) > 5


def test_a_real_collection_weighs_the_same(evidence: Evidence) -> None:
    """Collected with seed 1 and loaded, the page's SQL returns the estimate of the first repetition."""
    found = evidence.sampling

    assert found.requests_collected == found.requests
    for measure in (*MEASURES, "standard_error"):
        assert getattr(found.collected, measure) == pytest.approx(getattr(found.weighed[0], measure), rel=1e-9)


def test_intervals_contain_the_truth_as_often_as_stated(evidence: Evidence) -> None:
    """95 % intervals of 200 repetitions contain it in 180 to 200 of them."""
    assert 180 <= evidence.sampling.intervals_with_truth <= 200


def test_default_looks_find_everything_and_hasty_ones_miss_most(evidence: Evidence) -> None:
    """The first look finds all videos; a client with one early request finds less than a tenth of them."""
    haste = evidence.haste
    same_day, next_day, first, both = map(haste.client, (SAME_DAY, NEXT_DAY, FIRST_LOOK, BOTH_LOOKS))

    assert (first.videos, both.videos) == (haste.videos, haste.videos)
    assert same_day.videos == 0
    assert next_day.videos < 0.1 * haste.videos
    assert next_day.views < first.views < both.views < haste.views


@pytest.mark.parametrize(("fault_rate", "allowed"), [(0.0, 1.05), (FAULT_RATE, 1.15)], ids=["no faults", "2 % faults"])
def test_little_is_spent_beyond_the_lower_bound(evidence: Evidence, fault_rate: float, allowed: float) -> None:
    """At most 1.05 times the lower bound without faults, 1.15 times with 2 % of them; single days cost more."""
    windows, by_day = evidence.spent[fault_rate]

    assert total(windows).ratio <= allowed
    assert searches(windows).requests < searches(by_day).requests
    assert total(windows).rows == total(by_day).rows


@pytest.mark.parametrize("name", sorted(path.name for path in FOLDER.glob("*.md") if path != FULL_RUN))
def test_a_page_has_the_numbers_of_a_fresh_run(evidence: Evidence, name: str) -> None:
    """Committed pages are those of this code: `make evidence` writes them again."""
    assert (FOLDER / name).read_text(encoding="utf-8") == pages(evidence).get(name)


def test_every_page_and_picture_is_there(evidence: Evidence) -> None:
    """Every page exists, and every picture of a page can be drawn."""
    drawn = {"sampling.svg": draw_sampling(evidence.sampling), "looking-too-early.svg": draw_haste(evidence.haste)}
    shown = {name for page in pages(evidence).values() for name in drawn if f"]({name})" in page}

    assert {path.name for path in FOLDER.iterdir() if path != FULL_RUN} == set(pages(evidence)) | set(drawn)
    assert shown == set(drawn)
    assert all(text.startswith("<svg") for text in drawn.values())
