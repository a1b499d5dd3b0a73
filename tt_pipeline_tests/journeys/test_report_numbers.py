"""Every number of report, passport and methods text is what plain Python counts in the tables of a messy study."""

import re
import shutil
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import timedelta
from html import unescape
from pathlib import Path
from typing import Any

import duckdb
import pytest

from tt_pipeline.reports.study_report.comparison import comparison_page
from tt_pipeline.reports.study_report.facts import Facts, read_facts, shown
from tt_pipeline.reports.study_report.methods import methods_of
from tt_pipeline.reports.study_report.page import report_page
from tt_pipeline.reports.study_report.parts import PARTS
from tt_pipeline.reports.study_report.passport import passport_page
from tt_pipeline.reports.study_report.rows import PublishedStudy, Rows, open_study
from tt_pipeline_tests.contract.shared_server import SharedServer
from tt_pipeline_tests.journeys import recomputed
from tt_pipeline_tests.journeys.messy_study import MessyStudy, collect_messy
from tt_pipeline_tests.journeys.recomputed import Tables, day_of, is_wasted

pytestmark = pytest.mark.journey

ZONE = "America/St_Johns"


@pytest.fixture(scope="module")
def messy(server: tuple[SharedServer, str], tmp_path_factory: pytest.TempPathFactory) -> MessyStudy:
    """The study; no test changes it."""
    return collect_messy(server, tmp_path_factory.mktemp("messy"))


@pytest.fixture(scope="module")
def study(messy: MessyStudy) -> Iterator[PublishedStudy]:
    """The published file, with hours of a zone that is half an hour off."""
    with open_study(messy.published, zone=ZONE) as opened:
        yield opened


@pytest.fixture(scope="module")
def tables(messy: MessyStudy) -> Tables:
    """Its rows."""
    return Tables(messy.published, ZONE)


@pytest.fixture(scope="module")
def facts(study: PublishedStudy) -> Facts:
    """Its facts."""
    return read_facts(study)


def values(rows: Rows, *columns: str) -> list[tuple[Any, ...]]:
    """The rows as tuples of these columns, or of all."""
    return [tuple(row[column] for column in columns or rows.columns) for row in rows.rows]


def close(expected: list[tuple[Any, ...]]) -> list[Any]:
    """The same rows, whose fractions may differ in the ninth digit."""
    return [
        tuple(pytest.approx(each, rel=1e-9) if isinstance(each, float) else each for each in row) for row in expected
    ]


def test_the_study_is_messy(study: PublishedStudy, tables: Tables) -> None:
    """Every part but those that nothing can be collected for has rows, so that no comparison below is of nothing."""
    empty = {part.name for part in PARTS if not study.rows_of(part.name).rows}

    assert empty == set()
    assert {row["kind"] for row in tables["core.found_videos"]} == {"list", "sample", "capped", "ids", "once"}
    assert any(row["ends"] is None for row in tables["ops.loads"] if row["dataset"] == "comments")


def test_attrition_is_kaplan_and_meiers(study: PublishedStudy, tables: Tables) -> None:
    """Share left and interval of each search, from the loads and snapshots, one video after the other."""
    of_search: dict[str, list[tuple[float, bool]]] = {}
    for search, _, days, is_gone, is_looked_for in recomputed.exposures(tables):
        if is_looked_for:
            of_search.setdefault(search, []).append((days, is_gone))
    expected = [
        (search, days, at_risk, gone, share, max(0, share - 1.96 * error), min(1, share + 1.96 * error))
        for search, ended in sorted(of_search.items())
        for days, at_risk, gone, share, error in recomputed.kaplan_meier(ended)
    ]

    assert any(gone for _, _, _, gone, *_ in expected)
    assert values(study.rows_of("survival")) == close(expected)


def test_concentration_is_lorenz_curve(study: PublishedStudy, tables: Tables) -> None:
    """The most seen hundredths of each search with 30 videos that is neither capped nor one-off."""
    views, of_search = tables.latest_views(), dict[str, list[int]]()
    for row in tables.fitting():
        if row["kind"] != "capped" and views.get(row["video_id"]) is not None:
            of_search.setdefault(row["search"], []).append(views[row["video_id"]])
    expected = [
        (search, *point, len(numbers))
        for search, numbers in sorted(of_search.items())
        if len(numbers) >= 30
        for point in recomputed.lorenz(numbers)
    ]

    assert values(study.rows_of("concentration")) == close(expected)


def test_estimates_are_those_of_a_stratified_sample(study: PublishedStudy, tables: Tables) -> None:
    """Totals, means and intervals with weights counted again."""
    expected = [
        (quantity, videos, estimate, error, max(0, estimate - 1.96 * error), estimate + 1.96 * error)
        for quantity, (videos, estimate, error) in sorted(recomputed.estimates(tables).items())
    ]

    assert values(study.rows_of("estimates")) == close(expected)


def test_weights_are_the_size_of_a_stratum_by_its_draws(tables: Tables) -> None:
    """A drawn video stands for the videos of its stratum."""
    strata: dict[str, list[bool]] = {}
    for row in tables["ops.comment_coverage"]:
        if row["stratum"] is not None:
            strata.setdefault(row["stratum"], []).append(row["is_sampled"])
    probabilities = {
        row["stratum"]: row["inclusion_probability"] for row in tables["ops.comment_coverage"] if row["is_sampled"]
    }

    assert probabilities
    assert {name: pytest.approx(sum(drawn) / len(drawn)) for name, drawn in strata.items() if any(drawn)} == {
        name: probability for name, probability in probabilities.items() if name
    }


def test_hidden_slots_are_those_of_the_loads(study: PublishedStudy, tables: Tables, facts: Facts) -> None:
    """Each window, and the share of all."""
    loads = recomputed.hidden(tables)
    windows: dict[tuple[Any, ...], list[int]] = {}
    for *window, slots, without in loads.values():
        sums = windows.setdefault(tuple(window), [0, 0])
        sums[0] += slots
        sums[1] += without
    expected = [(*window, *sums, sums[1] / sums[0]) for window, sums in sorted(windows.items())]

    assert values(study.rows_of("hidden")) == close(expected)
    slots, without = (sum(load[place] for load in loads.values()) for place in (4, 5))
    assert facts["hidden_share"].value == pytest.approx(without / slots)
    assert 0.2 < facts["hidden_share"].value < 0.4  # the simulator hides three of ten


RECOMPUTED: dict[str, Callable[[Tables], list[tuple[Any, ...]]]] = {
    "growth": recomputed.growth,
    "quota": recomputed.quota,
    "volume": recomputed.volume,
    "draws": recomputed.draws,
    "hours": recomputed.hours,
    "hashtags": recomputed.hashtags,
    "threads": recomputed.threads,
    "regions": recomputed.regions,
    "labels": recomputed.labels,
    "ids": recomputed.ids,
    "coverage": lambda tables: recomputed.runs(tables, kinds=True, left_out={"outside"}),
    "gaps": lambda tables: recomputed.runs(tables, kinds=False, left_out={"outside", "complete", "not_due"}),
}


@pytest.mark.parametrize("name", sorted(RECOMPUTED))
def test_a_parts_rows_are_those_that_python_counts(name: str, study: PublishedStudy, tables: Tables) -> None:
    """All columns, in the order of the part."""
    expected = RECOMPUTED[name](tables)

    assert expected
    assert values(study.rows_of(name)) == close(expected)


def test_pairs_of_hashtags_are_weighed_by_their_definition(study: PublishedStudy, tables: Tables) -> None:
    """NPMI of each pair of the largest search; the order is by another measure."""
    assert sorted(values(study.rows_of("network"))) == close(recomputed.network(tables))


def test_rankings_are_those_that_python_counts(study: PublishedStudy, tables: Tables) -> None:
    """Creators by handles that renames connect, sounds and effects."""
    videos, views, fitting = tables.videos(), tables.latest_views(), tables.fitting_ids()
    creators, seen, sounds = Counter[str](), Counter[str](), dict[str, set[int]]()
    for video_id in fitting:
        creator = tables.creator(videos[video_id]["username"])
        creators[creator] += 1
        seen[creator] += views[video_id] or 0
        sounds.setdefault(f"{videos[video_id]['music_id']}", set()).add(video_id)
    first = sorted(creators, key=lambda name: (-creators[name], -seen[name], name))[:20]
    heard = sorted((-len(ids), int(sound)) for sound, ids in sounds.items() if sound != "None")[:20]
    effects: dict[int, set[int]] = {}
    for row in tables["core.video_effects"]:
        if row["video_id"] in fitting:
            effects.setdefault(row["effect_id"], set()).add(row["video_id"])

    assert values(study.rows_of("creators")) == close(
        [
            (rank, name, creators[name], seen[name], creators[name] / creators.total())
            for rank, name in enumerate(first, 1)
        ]
    )
    assert values(study.rows_of("sounds")) == [
        (rank, f"{sound}", -number, len(recomputed.creators_of(tables, sounds[f"{sound}"])))
        for rank, (number, sound) in enumerate(heard, 1)
    ]
    assert sorted(row["videos"] for row in study.rows_of("effects").rows) == sorted(map(len, effects.values()))


def test_states_and_answers_are_those_that_python_counts(study: PublishedStudy, tables: Tables) -> None:
    """Comments, profiles, lists, answers, checks of what is stored, deletions, failed checks."""
    present = {row["video_id"] for row in tables.present()}
    of_study = [row for row in tables["ops.comment_coverage"] if row["video_id"] in present]
    held = Counter(row["video_id"] for row in tables["core.comments"])
    states = Counter(row["status"] for row in of_study)
    profiles = Counter(f"profile {row['status']}" for row in tables["ops.account_coverage"] if row["list"] == "profile")
    renamed = {row["creator_id"] for row in tables["core.renamed_handles"]}
    answers = Counter(
        (row["endpoint"], row["code"] or "no answer")
        for row in tables["ops.requests"]
        if row["endpoint"] != "counted_again"
    )
    published = day_of(tables["ops.publish_info"][0]["published_at"])
    refresh = timedelta(days=tables["ops.compliance"][0]["refresh_days"])
    items, overdue = Counter[str](), Counter[str]()
    for row in tables["ops.checks_due"]:
        items[row["kind"]] += row["items"]
        overdue[row["kind"]] += row["items"] if row["verified_date"] + refresh < published else 0

    assert sorted(values(study.rows_of("comments"))) == sorted(
        (state, number, sum(held[row["video_id"]] for row in of_study if row["status"] == state))
        for state, number in states.items()
    )
    assert dict(values(study.rows_of("people"))) == dict(profiles) | {"renamed": len(renamed)}
    assert {row[:2]: row[2] for row in values(study.rows_of("health"))} == dict(answers)
    assert values(study.rows_of("duties"), "kind", "items", "verified_in_time", "overdue") == [
        (kind, number, number - overdue[kind], overdue[kind]) for kind, number in sorted(items.items())
    ]
    assert sum(overdue.values()) > 0
    assert Counter({row[:2]: row[2] for row in values(study.rows_of("deletions"))}) == Counter(
        (row["subject"], row["reason"]) for row in tables["ops.deletions"]
    )
    failed = [row for row in tables["ops.check_results"] if not row["has_passed"]]
    assert len(study.rows_of("failed_checks").rows) == len(failed) > 0


def test_lists_are_those_that_python_counts(study: PublishedStudy, tables: Tables) -> None:
    """Entries of each complete look at followers, new and vanished since the look before."""
    looks: dict[tuple[str, int], set[str]] = {
        (row["username"], row["look"]): set() for row in tables["core.list_snapshots"] if row["ends"] == "complete"
    }
    began = {(row["username"], row["look"]): day_of(row["first_fetched_at"]) for row in tables["core.list_snapshots"]}
    for row in tables["core.follow_snapshots"]:
        looks[row["followed"], row["look"]].add(row["follower"])
    ((account, first), (_, second)) = sorted(looks)
    before, after = looks[account, first], looks[account, second]

    assert values(study.rows_of("lists")) == [
        ("followers", began[account, first], 1, len(before), None, None),
        ("followers", began[account, second], 1, len(after), len(after - before), len(before - after)),
    ]


def test_searches_are_those_that_python_counts(study: PublishedStudy, tables: Tables) -> None:
    """Days, requests, records and videos of each present search."""
    expected = []
    for search in sorted({row["search"] for row in tables["ops.search_coverage"]}):
        days = [row for row in tables["ops.search_coverage"] if row["search"] == search]
        looks = [row for row in tables["ops.look_coverage"] if row["search"] == search]
        found = [row for row in tables.present() if row["search"] == search]
        expected.append(
            (
                search,
                len(days),
                sum(row["status"] == "complete" for row in days),
                round(sum(row["requests"] or 0 for row in looks), 1),
                sum(row["records"] or 0 for row in looks),
                len(found),
                sum(row["matches"] is not False for row in found),
            )
        )
    columns = ("search", "days_due", "days_complete", "requests", "records", "videos", "videos_fitting")

    assert values(study.rows_of("searches"), *columns) == close(expected)


def test_facts_are_those_that_python_counts(facts: Facts, tables: Tables) -> None:
    """Every fact but versions."""
    coverage = tables["ops.search_coverage"]
    present, fitting = {row["video_id"] for row in tables.present()}, tables.fitting_ids()
    of_kind = {row["video_id"]: set[tuple[str, bool]]() for row in tables["core.found_videos"]}
    for row in tables["core.found_videos"]:
        of_kind[row["video_id"]].add((row["kind"], row["is_current"]))
    comments = [row for row in tables["core.comments"] if row["video_id"] in present]
    profiles = [row["status"] for row in tables["ops.account_coverage"] if row["list"] == "profile"]
    queries = [row for row in tables["ops.searches"] if row["kind"] == "study"]
    ended = [each for each in recomputed.exposures(tables) if each[4]]
    lists = {row["username"]: row["look"] for row in sorted(tables["core.list_snapshots"], key=lambda row: row["look"])}
    hidden = recomputed.hidden(tables).values()
    published = tables["ops.publish_info"][0]["published_at"]
    refresh = timedelta(days=tables["ops.compliance"][0]["refresh_days"])
    expected = {
        "published": published,
        "first_day": min(row["day_date"] for row in coverage),
        "last_day": max(row["day_date"] for row in coverage),
        "first_request": min(row["first_fetched_at"] for row in tables.of_study()),
        "last_request": max(row["last_fetched_at"] for row in tables.of_study()),
        "searches": len({row["search"] for row in queries if row["is_current"]}),
        "sampled_searches": 1,
        "capped_days": 2,
        "earlier_versions": sum(not row["is_current"] for row in queries),
        "search_days": len(coverage),
        "complete_search_days": sum(row["status"] == "complete" for row in coverage),
        "days": 6,
        "looks_planned": 2,
        "videos": len(present),
        "fitting_videos": len(fitting),
        "earlier_videos": sum(
            not any(now for kind, now in kinds if kind != "once") and any(kind != "once" for kind, _ in kinds)
            for kinds in of_kind.values()
        ),
        "once_videos": sum({kind for kind, _ in kinds} == {"once"} for kinds in of_kind.values()),
        "creators": len(recomputed.creators_of(tables, fitting)),
        "renames": len({row["creator_id"] for row in tables["core.renamed_handles"]}),
        "comments": len(comments),
        "replies": sum(row["is_reply"] for row in comments),
        "drawn_videos": sum(bool(row["is_sampled"] and row["stratum"]) for row in tables["ops.comment_coverage"]),
        "profiles": profiles.count("complete"),
        "refused_profiles": sum(profiles.count(status) for status in ("refused", "private", "not_found")),
        "observed_accounts": len(lists),
        "list_entries": sum(lists[row["followed"]] == row["look"] for row in tables["core.follow_snapshots"]),
        "requests": len(tables.charged()),
        "wasted_requests": sum(map(is_wasted, tables.charged())),
        "pages": sum(row["lines"] for row in tables.of_study()),
        "hidden_share": pytest.approx(sum(row[5] for row in hidden) / sum(row[4] for row in hidden)),
        "gone_videos": sum(is_gone for *_, is_gone, _ in ended),
        "looked_for_videos": len(ended),
        "deletions": len(tables["ops.deletions"]),
        "overdue_checks": sum(
            row["items"] for row in tables["ops.checks_due"] if row["verified_date"] + refresh < day_of(published)
        ),
        "failed_checks": len({row["check_name"] for row in tables["ops.check_results"] if not row["has_passed"]}),
        "unread_pages": sum(row["is_open"] for row in tables["ops.quarantine"]),
    }

    assert {name: facts[name].value for name in facts if name not in {"software", "duckdb", "tables"}} == expected


def test_the_pages_show_these_numbers(study: PublishedStudy, facts: Facts) -> None:
    """Report and passport show each fact as it was recomputed, and each row of each part in its table."""
    report = report_page(study, with_names=True).html
    passport = passport_page(study, with_names=False)
    of_report = dict(re.findall(r"<p>([^<]+): <strong>(.*?)</strong></p>", report))
    of_passport = dict(re.findall(r'<tr data-fact="(\w+)">.*?<td class="number">(.*?)</td>', passport, re.DOTALL))

    assert {unescape(label): value for label, value in of_report.items()} == {
        fact.label: fact.shown for fact in facts.values()
    }
    assert of_passport == {name: facts[name].shown for name in of_passport}
    assert len(of_passport) > 30
    for number, part in enumerate(PARTS, start=1):
        rows = study.rows_of(part.name)
        table = re.search(rf"<caption>Data of part {number}\b.*?</table>", report, re.DOTALL)
        assert table, part.name
        cells = [unescape(re.sub("<.*?>", "", cell)) for cell in re.findall(r"<td.*?>(.*?)</td>", table[0])]
        expected = ["" if value is None else shown(value) for row in values(rows)[:120] for value in row]
        assert cells == [" ".join(value.split()) for value in expected], part.name


def test_the_methods_text_has_these_numbers(study: PublishedStudy, facts: Facts) -> None:
    """Each whole number that stands before a noun is a fact, a difference of two, or in a query; none is made up."""
    methods = methods_of(study, facts)
    sentences = [each.words for heading, found in methods.paragraphs if heading == "Data" for each in found]
    numbers = {
        int(each.replace(",", ""))
        for words in sentences
        for each in re.findall(r"(?<![\d.-])\d[\d,]*(?= [a-z])", words)
    }
    of_facts = {fact.value for fact in facts.values() if isinstance(fact.value, int)}
    of_estimates = {
        round(float(row[name]))
        for row in study.rows_of("estimates").rows
        for name in ("estimate", "lower_95", "upper_95")
    }

    assert len(numbers) > 8
    assert numbers - of_facts - of_estimates == set()


def test_the_text_on_collection_is_what_python_counts(study: PublishedStudy, tables: Tables) -> None:
    """Days of requests and of posting, searches, looks, requests, and when each query was first and last sent."""
    ((_, collection), *_) = methods_of(study).paragraphs
    words = [each.words for each in collection]
    coverage, charged = tables["ops.search_coverage"], tables.charged()
    asked = sorted(day_of(row[name]) for row in tables.of_study() for name in ("first_fetched_at", "last_fetched_at"))
    posted = sorted(row["day_date"] for row in coverage)
    present = {row["search"] for row in tables["ops.searches"] if row["kind"] == "study" and row["is_current"]}
    versions: dict[tuple[str, str], list[recomputed.Row]] = {}
    for row in tables["ops.searches"]:
        if row["kind"] == "study":
            versions.setdefault((row["search"], row["part_of"]), []).append(row)
    expected = []
    for (search, _), parts in versions.items():
        fingerprints = {row["fingerprint"] for row in parts}
        loads = [row for row in tables["ops.loads"] if row["fingerprint"] in fingerprints]
        sent = f"first sent on {day_of(min(row['first_fetched_at'] for row in loads))}" if loads else "not sent yet"
        if loads and not any(row["is_current"] for row in parts):
            last = day_of(max(row["last_fetched_at"] for row in loads))
            sent += f", last sent on {last} and replaced since"
        expected.append((search, sent))
    found = [re.fullmatch(r"The search “(.*?)” requested .* \((.*), UTC\)\.", each) for each in words]

    assert f", between {asked[0]} and {asked[-1]} (UTC)." in words[2]
    assert words[3] == (
        f"{len(present)} searches covered {len(set(posted))} days of posting from {posted[0]} to {posted[-1]} "
        "(UTC, both included)."
    )
    assert sorted(each.groups() for each in found if each) == sorted(expected)
    assert words[-2] == "2 looks at each day of posting were planned."
    assert words[-1] == (
        f"{len(charged)} requests had been charged to the quota, of which {sum(map(is_wasted, charged))} requests "
        "returned an error or a refusal."
    )


def test_a_comparison_has_the_numbers_of_both_files(messy: MessyStudy, study: PublishedStudy, facts: Facts) -> None:
    """Facts, differences, new, dropped and changed searches, volumes and hidden slots of both files."""
    with open_study(messy.earlier) as other:
        html = comparison_page(study, other)
        before = read_facts(other)
    earlier, later = Tables(messy.earlier), Tables(messy.published)
    found = {
        name: cells
        for name, *cells in re.findall(
            r'<tr data-fact="(\w+)">.*?<td class="number">(.*?)</td><td class="number">(.*?)</td>'
            r'<td class="number">(.*?)</td></tr>',
            html,
            re.DOTALL,
        )
    }
    volumes = {
        (search, day): (fits if is_comparable else None)
        for search, day, _, is_comparable, _, fits in recomputed.volume(later)
    }
    for search, day, _, is_comparable, _, fits in recomputed.volume(earlier):
        volumes.setdefault((search, day), None)
        if is_comparable:
            assert (search, f"{day}", f"{fits}") in {
                (row[0], row[1], row[3]) for row in cells_of(html, "Data of part 1")
            }
    rows = cells_of(html, "Data of part 1")
    slots = {row[0]: row[1:5] for row in cells_of(html, "Slots of each search")}

    assert len(found) > 30
    for name, (here, there, less) in found.items():
        assert (here, there) == (facts[name].shown, before[name].shown)
        if isinstance(facts[name].value, int) and isinstance(before[name].value, int):
            assert int(less.replace(",", "")) == facts[name].value - before[name].value
    assert "Only in this file: \u2068listed\u2069." in html
    assert "Only in the other file: \u2068dropped\u2069." in html
    assert "With another query: \u2068green\u2069." in html
    assert "4 searches have the same query in both files." in html
    assert {(row[0], row[1]): row[2] for row in rows if row[4] == "yes"} == {
        (search, f"{day}"): f"{fits}" for (search, day), fits in volumes.items() if fits is not None
    }
    for place, tables in enumerate((later, earlier)):
        for search in {load[0] for load in recomputed.hidden(tables).values()}:
            sums = [sum(load[at] for load in recomputed.hidden(tables).values() if load[0] == search) for at in (4, 5)]
            assert slots[search][place::2] == [f"{number:,}" for number in sums]


def test_days_that_both_files_have_are_compared(messy: MessyStudy, study: PublishedStudy, tmp_path: Path) -> None:
    """Of a copy in which one search has two videos more a day, the days of the others have the same number."""
    copy = tmp_path / "copy.duckdb"
    shutil.copyfile(messy.published, copy)
    with duckdb.connect(copy) as connection:
        more = "videos_fitting_in_last_look = videos_fitting_in_last_look + 2"
        connection.execute(f"update marts.daily_volume set {more} where search = 'green'")
    with open_study(copy) as other:
        html = comparison_page(study, other)
    volumes = recomputed.volume(Tables(messy.published))
    comparable = {(search, f"{day}"): fits for search, day, _, is_comparable, _, fits in volumes if is_comparable}
    rows = {(row[0], row[1]): row[2:4] for row in cells_of(html, "Data of part 1") if row[4:] == ["yes", "yes"]}
    of_green = sum(search == "green" for search, _ in comparable)
    same = len(comparable) - of_green

    assert of_green > 0
    assert f"{len(comparable)} days of searches can be compared in both files; {same} of these have the same" in html
    assert rows == {key: [f"{fits}", f"{fits + 2 * (key[0] == 'green')}"] for key, fits in comparable.items()}


def cells_of(html: str, caption: str) -> list[list[str]]:
    """The rows of the table whose caption begins like this."""
    table = re.search(rf"<caption>{caption}.*?</table>", html, re.DOTALL)
    assert table
    return [
        [unescape(re.sub("<.*?>", "", cell)) for cell in re.findall(r"<td.*?>(.*?)</td>", row)]
        for row in re.findall(r"<tr>(<td.*?)</tr>", table[0])
    ]
