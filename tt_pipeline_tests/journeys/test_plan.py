"""What people are told before anything is spent, and after they have edited the study."""

import json
from pathlib import Path

import pytest

from tt_pipeline.cli import main
from tt_pipeline_tests.journeys.conftest import Place

pytestmark = pytest.mark.journey

ELECTION = """\
study: A state election
start: 2026-12-01
end: 2027-05-02
searches:
  party: {keywords: [election]}
"""


class Told:
    """Runs a command in this process and keeps what it said."""

    def __init__(self, capsys: pytest.CaptureFixture[str]) -> None:
        self.capsys = capsys

    def __call__(self, *arguments: str) -> str:
        """What was printed, after exit code 0."""
        self.capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            main(arguments)
        assert ended.value.code == 0
        return self.capsys.readouterr().out


@pytest.fixture
def told(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Told:
    """A shell on 20 November 2026."""
    monkeypatch.setenv("TT_CLOCK", "2026-11-20T12:00:00+00:00@1")
    return Told(capsys)


@pytest.fixture
def election(tmp_path: Path) -> Path:
    """A study, and nothing else: no key, no data dir."""
    file = tmp_path / "election.yaml"
    file.write_text(ELECTION)
    return file


def test_a_plan_needs_nothing_but_the_study(told: Told, election: Path) -> None:
    """Without a key and a data dir the price is told, no file is written, and it fits on a screen of 100 columns."""
    said = told("plan", str(election), "--videos-per-day", "party=1275")

    assert "A usual day needs about 1,610 requests" in said
    assert "it would fall behind" in " ".join(said.split())
    assert "It fits with min_comments 10, refresh_days 90: about 928 a day, keeps 95% of the comments." in said
    assert "A number from --videos-per-day may be 25% off." in said
    assert "When the price is right, write `quota: {confirmed: true}`" in said
    assert max(len(line.rstrip()) for line in said.splitlines() if str(election) not in line) <= 100
    assert [file.name for file in election.parent.iterdir()] == ["election.yaml"]


def test_a_plan_tells_what_only_some_studies_ask_for(told: Told, election: Path) -> None:
    """Replies, mentioned accounts and lists have their lines, followers their own quota, and a sample that fits."""
    election.write_text(f"""{ELECTION}comments: {{replies: true}}
users: {{mentioned: true}}
accounts: {{usernames: [alice, bob], lists: [pinned, followers]}}
""")

    said = " ".join(told("plan", str(election), "--videos-per-day", "1275").split())

    assert "comments: replies" in said
    assert "users: mentioned, once" in said
    assert "lists of accounts" in said
    assert "Followers and following have 20,000 requests a day of their own: from now on about 727 requests" in said
    assert "It fits with comments.sample: per_stratum" in said
    assert "estimate from them stays unbiased" in said
    assert "left out" not in said


def test_a_plan_as_json_says_the_same(told: Told, election: Path) -> None:
    """The sums are those of the lines, and every estimate is low, likely, high."""
    made = json.loads(told("plan", str(election), "--json", "--days", "20"))

    assert made["total"]["likely"] == sum(line["total"]["likely"] for line in made["lines"])
    assert all(line["total"]["low"] <= line["total"]["likely"] <= line["total"]["high"] for line in made["lines"])
    assert 20 in [point["days"] for point in made["curve"]]
    assert (made["goes_on"], made["requests_per_day"], made["videos_landed"]) == (True, 1000, 0)


@pytest.fixture
def in_use(collected: Place, monkeypatch: pytest.MonkeyPatch) -> Place:
    """A data dir with six days of two searches, and the settings in the environment."""
    for name, value in collected.environment().items():
        monkeypatch.setenv(name, value)
    return collected


def test_what_has_landed_is_counted(in_use: Place, capsys: pytest.CaptureFixture[str]) -> None:
    """A search that has landed is known from its days, one that has not is assumed; nothing is sent."""
    in_use.new_requests()
    study = in_use.settings.study_file
    study.write_text(study.read_text().replace("\ncomments:", "\n  further: {hashtags: [recipe]}\ncomments:"))

    said = Told(capsys)("plan")

    known = {line.split()[0]: line.split()[-1] for line in said.splitlines() if "assumed" in line or "days" in line}
    assert (known["climate"], known["football"], known["further"]) == ("days", "days", "assumed")
    assert in_use.new_requests() == []


def test_an_edit_is_told_with_its_price(in_use: Place, capsys: pytest.CaptureFixture[str]) -> None:
    """A new query: days and requests; a new name: nothing; a search that is gone: its data stays."""
    in_use.new_requests()
    told, study = Told(capsys), in_use.settings.study_file
    before = study.read_text()

    as_it_was = told("check")
    study.write_text(before.replace("[climate, klima]", "[climate]"))
    other_query = told("check")
    study.write_text(before.replace("climate:", "weather:"))
    other_name = told("check")
    study.write_text("".join(line for line in before.splitlines(keepends=True) if "football:" not in line))
    removed = told("check")

    assert "older query" not in as_it_was
    assert "climate: 6 days were collected with an older query, and are kept." in other_query
    assert "Collecting them with this one costs about 1 request for the search" in other_query
    assert "weather: was collected as climate; the same query under a new name costs nothing." in other_name
    assert "football: is no longer in the study; its 6 collected days are kept." in removed
    assert in_use.new_requests() == []
