"""The evidence pages as text: prose from `templates/`, each number from an experiment."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from statistics import mean
from string import Template

from tt_pipeline_tests.labs.evidence import early, efficiency, sampling
from tt_pipeline_tests.labs.evidence.early import BOTH_LOOKS, FIRST_LOOK, NEXT_DAY, SAME_DAY, Found, Haste
from tt_pipeline_tests.labs.evidence.efficiency import Spending, searches, total
from tt_pipeline_tests.labs.evidence.laboratory import SEED, Setting
from tt_pipeline_tests.labs.evidence.sampling import Sampling

FOLDER = Path(__file__).parents[3] / "docs" / "evidence"
_TEMPLATES = Path(__file__).parent / "templates"


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """The measurements of all pages.

    Attributes:
        spent: Requests by part, by the share of requests that fail: all days at once, and day by day.
    """

    sampling: Sampling
    haste: Haste
    spent: Mapping[float, tuple[list[Spending], list[Spending]]]


def gather(folder: Path) -> Evidence:
    """Run every experiment, in new folders below this one."""
    return Evidence(
        sampling=sampling.sample_again_and_again(folder / "sampling"),
        haste=early.look_early_and_late(folder / "early"),
        spent={
            rate: (
                efficiency.collect_in_windows(folder / f"windows-{rate}", fault_rate=rate),
                efficiency.collect_day_by_day(folder / f"days-{rate}", fault_rate=rate),
            )
            for rate in (0.0, efficiency.FAULT_RATE)
        },
    )


def pages(evidence: Evidence) -> dict[str, str]:
    """The text of every page by its file name."""
    filled = {
        "README.md": _index(evidence),
        "sampling.md": _sampling(evidence.sampling),
        "looking-too-early.md": _haste(evidence.haste),
        "efficiency.md": _efficiency(evidence.spent),
    }
    return {name: _template(name).substitute(values) for name, values in filled.items()}


def _template(name: str) -> Template:
    return Template((_TEMPLATES / name).read_text(encoding="utf-8"))


def _index(evidence: Evidence) -> dict[str, str]:
    found, haste, (windows, by_day) = evidence.sampling, evidence.haste, evidence.spent[0.0]
    best_first = found.standard_errors("share_of_replies", found.best_first.share_of_replies)
    return {
        "repetitions": f"{len(found.weighed)}",
        "bias": f"{abs(found.bias('share_of_replies')):.1f}",
        "best_first": f"{best_first:.0f}",
        "same_day": _percent(haste.client(SAME_DAY).videos / haste.videos),
        "next_day": _percent(haste.client(NEXT_DAY).videos / haste.videos),
        "default": _percent(haste.client(BOTH_LOOKS).videos / haste.videos),
        "ratio": f"{total(windows).ratio:.2f}",
        "by_day": f"{searches(by_day).ratio:.2f}",
    }


def _sampling(found: Sampling) -> dict[str, str]:
    return _setting(sampling.SETTING, sampling.DAYS) | {
        "per_stratum": f"{sampling.PER_STRATUM}",
        "videos": f"{found.videos:,}",
        "comments": f"{found.truth.comments:,.0f}",
        "strata": f"{found.strata}",
        "drawn": f"{found.drawn}",
        "repetitions": f"{len(found.weighed)}",
        "requests": f"{found.requests:,.0f}",
        "best_first_requests": f"{found.best_first_requests:,}",
        "requests_collected": f"{found.requests_collected:,}",
        "best_first_sd": _in_deviations(found, "share_of_replies"),
        "best_first_sd_average": _in_deviations(found, "share_in_average_video"),
        "intervals": f"{found.intervals_with_truth}",
        "most_held": f"{found.best_first.comments:,.0f}",
        "drawn_held": f"{mean(found.values('comments', found.unweighed)):,.0f}",
        "weigh": sampling.WEIGH.strip(),
        "rows": "\n".join(
            [
                _total(found),
                _share(found, "share_of_replies", "replies among all comments"),
                _share(found, "share_in_average_video", "replies among the comments of the average video"),
            ]
        ),
    }


def _total(found: Sampling) -> str:
    estimates = found.values("comments")
    numbers = (found.truth.comments, mean(estimates), found.bias("comments"), found.deviation("comments"))
    return "| comments in all | {:,.0f} | {:,.0f} | {:+.1f} | {:,.0f} | no estimate | no estimate | |".format(*numbers)


def _share(found: Sampling, measure: str, name: str) -> str:
    best_first = getattr(found.best_first, measure)
    return _row(
        name,
        _share_of(getattr(found.truth, measure)),
        _share_of(mean(found.values(measure))),
        f"{found.bias(measure):+.1f}",
        _share_of(found.deviation(measure)),
        _share_of(mean(found.values(measure, found.unweighed))),
        _share_of(best_first),
        f"{found.standard_errors(measure, best_first):+.0f}",
    )


def _in_deviations(found: Sampling, measure: str) -> str:
    off = getattr(found.best_first, measure) - getattr(found.truth, measure)
    return f"{abs(off) / found.deviation(measure):.1f}"


def _haste(found: Haste) -> dict[str, str]:
    names = {
        SAME_DAY: "asks at 23:59 of the day itself",
        NEXT_DAY: "asks at 12:00 of the next day",
        FIRST_LOOK: "default, after the look at 3 days",
        BOTH_LOOKS: "default, after the look at 12 days",
    }
    return _setting(early.SETTING, early.DAYS) | {
        "days": f"{len(early.DAYS)}",
        "videos": f"{found.videos:,}",
        "views": f"{found.views:,}",
        "rows": "\n".join(_client(found, found.client(client), name) for client, name in names.items()),
    }


def _client(found: Haste, results: Found, name: str) -> str:
    return _row(
        name,
        f"{results.videos:,}",
        f"{found.videos - results.videos:,}",
        _percent(results.videos / found.videos),
        f"{results.views:,}",
        _percent(results.views / found.views),
        f"{results.requests:,}",
    )


def _efficiency(spent: Mapping[float, tuple[list[Spending], list[Spending]]]) -> dict[str, str]:
    return _setting(efficiency.SETTING, efficiency.DAYS) | {
        "days": f"{len(efficiency.DAYS)}",
        "fault_rate": f"{100 * efficiency.FAULT_RATE:.0f} %",
        "without_faults": _spent_table(*spent[0.0]),
        "with_faults": _spent_table(*spent[efficiency.FAULT_RATE]),
    }


def _spent_table(windows: Sequence[Spending], by_day: Sequence[Spending]) -> str:
    pairs = zip([*windows, total(windows)], [*by_day, total(by_day)], strict=True)
    return "\n".join(
        [
            "| part | rows | lower bound | spent | ratio | spent day by day | its ratio |",
            "|---|---|---|---|---|---|---|",
            *(_spent(one, other) for one, other in pairs),
        ]
    )


def _spent(one: Spending, other: Spending) -> str:
    return _row(
        one.part if one.part in {"comments", "users", "all"} else f"search `{one.part}`",
        f"{one.rows:,}",
        f"{one.least:,}",
        f"{one.requests:,}",
        f"{one.ratio:.3f}",
        f"{other.requests:,}",
        f"{other.ratio:.3f}",
    )


def _setting(setting: Setting, days: Sequence[date]) -> dict[str, str]:
    return {
        "setting": f"A simulated TikTok of seed {SEED} has about {setting.videos_per_day:,} videos a day; "
        f"those of {days[0]} to {days[-1]} are requested.",
        "first_day": f"{days[0]}",
        "last_day": f"{days[-1]}",
    }


def _row(*cells: str) -> str:
    return f"| {' | '.join(cells)} |"


def _percent(share: float) -> str:
    return f"{100 * share:.1f} %"


def _share_of(share: float) -> str:
    return f"{100 * share:.2f} %"
