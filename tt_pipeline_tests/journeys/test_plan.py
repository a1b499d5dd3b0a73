"""Messages about the cost, before any request and after an edit of the study."""

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


class Shell:
    """Runs a command in this process and returns its output."""

    def __init__(self, capsys: pytest.CaptureFixture[str]) -> None:
        self.capsys = capsys

    def __call__(self, *arguments: str) -> str:
        """The output of a command with exit code 0."""
        self.capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            main(arguments)
        assert ended.value.code == 0
        return self.capsys.readouterr().out


@pytest.fixture
def shell(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Shell:
    """A shell on 20 November 2026."""
    monkeypatch.setenv("TT_CLOCK", "2026-11-20T12:00:00+00:00@1")
    return Shell(capsys)


@pytest.fixture
def election(tmp_path: Path) -> Path:
    """A study without a key and a data dir."""
    file = tmp_path / "election.yaml"
    file.write_text(ELECTION)
    return file


def test_a_plan_needs_nothing_but_the_study(shell: Shell, election: Path) -> None:
    """It prints the cost without a key and a data dir, writes no file, and its tables fit into 100 columns."""
    output = shell("plan", str(election), "--videos-per-day", "party=1275")

    assert "A usual day needs about 1,710 requests" in output
    assert "it would fall behind" in " ".join(output.split())
    assert "It fits with min_comments 10, every_days 90: about 987 a day, keeps 95% of the comments." in output
    assert "A number from --videos-per-day may be 25% off." in output
    assert "When the price is right, write `quota: {confirmed: true}`" in output
    assert max(len(line.rstrip()) for line in output.splitlines() if "  " in line) <= 100
    assert "more will be needed" in output
    assert [file.name for file in election.parent.iterdir()] == ["election.yaml"]


def test_a_plan_has_lines_for_optional_parts(shell: Shell, election: Path) -> None:
    """Replies, mentioned accounts and lists have lines, followers their own quota, and a sample that fits."""
    election.write_text(f"""{ELECTION}comments: {{replies: true}}
users: {{mentioned: true}}
accounts: {{usernames: [alice, bob], lists: [pinned, followers]}}
""")

    output = " ".join(shell("plan", str(election), "--videos-per-day", "1275").split())

    assert "comments: replies" in output
    assert "users: mentioned, once" in output
    assert "lists of accounts" in output
    assert "Followers and following have 20,000 requests a day of their own: from now on about 727 requests" in output
    assert "It fits with comments.sample: per_stratum" in output
    assert "estimate from them stays unbiased" in output
    assert "left out" not in output


def test_a_plan_as_json_has_the_same_numbers(shell: Shell, election: Path) -> None:
    """The sums are those of the lines, and every estimate has low, likely and high."""
    made = json.loads(shell("plan", str(election), "--json", "--days", "20"))

    assert made["total"]["likely"] == sum(line["total"]["likely"] for line in made["lines"])
    assert all(line["total"]["low"] <= line["total"]["likely"] <= line["total"]["high"] for line in made["lines"])
    assert 20 in [point["days"] for point in made["curve"]]
    assert (made["goes_on"], made["requests_per_day"], made["videos_landed"]) == (True, 1000, 0)


@pytest.fixture
def in_use(collected: Place, monkeypatch: pytest.MonkeyPatch) -> Place:
    """A data dir with six days of two searches, and its settings in the environment."""
    for name, value in collected.environment().items():
        monkeypatch.setenv(name, value)
    return collected


def test_what_has_landed_is_counted(in_use: Place, capsys: pytest.CaptureFixture[str]) -> None:
    """A landed search is estimated from its days, another one is assumed; nothing is sent."""
    in_use.new_requests()
    study = in_use.settings.study_file
    study.write_text(study.read_text().replace("\ncomments:", "\n  further: {hashtags: [recipe]}\ncomments:"))

    output = Shell(capsys)("plan")

    known = {line.split()[0]: line.split()[-1] for line in output.splitlines() if "assumed" in line or "days" in line}
    assert (known["climate"], known["football"], known["further"]) == ("days", "days", "assumed")
    assert in_use.new_requests() == []


def test_an_edit_is_reported_with_its_cost(in_use: Place, capsys: pytest.CaptureFixture[str]) -> None:
    """A new query has days and requests; a new name costs nothing; the data of a removed search stays."""
    in_use.new_requests()
    shell, study = Shell(capsys), in_use.settings.study_file
    before = study.read_text()

    as_it_was = shell("check")
    study.write_text(before.replace("[climate, klima]", "[climate]"))
    other_query, plan = shell("check"), shell("plan")
    study.write_text(before.replace("[climate, klima]", "[climate, klima, climatechange]"))
    wider = shell("check")
    study.write_text(before.replace("climate:", "weather:"))
    other_name = shell("check")
    study.write_text("".join(line for line in before.splitlines(keepends=True) if "football:" not in line))
    removed = shell("check")

    assert "older query" not in as_it_was
    assert "climate: 6 days (2026-11-03..2026-11-08) were collected with an older query, and are kept." in other_query
    price = "costs about 1 request for the search; it finds only videos that the older query found."
    assert [price in " ".join(output.split()) for output in (other_query, plan)] == [True, True]
    said = " ".join(wider.split())
    assert "How many videos the new query finds is not known; `tt try climate` tells for one request." in said
    assert "costs about 1 request for the search if it finds as many videos as before, and up to" in said
    assert "if it finds 5,400 videos" in said
    assert "weather: was collected as climate; the same query under a new name costs nothing." in other_name
    assert "football: is no longer in the study; its 6 collected days are kept." in removed
    assert in_use.new_requests() == []


def test_an_edited_search_is_estimated_from_its_earlier_query(
    in_use: Place, capsys: pytest.CaptureFixture[str]
) -> None:
    """A narrower query finds no more than the earlier one; what any other finds is assumed, and no less than before."""
    shell, study = Shell(capsys), in_use.settings.study_file
    before = study.read_text()
    was = json.loads(shell("plan", "--json"))
    study.write_text(before.replace("[climate, klima]", "[climate, klima, climatechange]"))
    wider = json.loads(shell("plan", "--json"))
    study.write_text(before.replace("{hashtags: [climate, klima]}", "{hashtags: [climate, klima], min_views: 500}"))
    narrower, shown = json.loads(shell("plan", "--json")), shell("plan")

    (measured, _), (of_wider, _), (of_narrower, _) = (made["searches"] for made in (was, wider, narrower))
    assert (of_wider["earlier_days"], of_wider["days_landed"], of_narrower["earlier_days"]) == (0, 0, 6)
    assert of_wider["videos_per_day"]["low"] == of_narrower["videos_per_day"]["low"]
    assert (of_wider["videos_per_day"]["likely"], of_wider["videos_per_day"]["high"]) == (30, 900)
    assert of_narrower["videos_per_day"]["likely"] == measured["videos_per_day"]["likely"]
    assert of_narrower["videos_per_day"]["high"] == measured["videos_per_day"]["likely"]
    assert was["total"]["likely"] < narrower["total"]["likely"] <= 3 < wider["total"]["likely"]
    assert "A search whose edit only leaves videos out finds at least half of those of its earlier query." in shown
    assert "6 days of an earlier query" in shown
