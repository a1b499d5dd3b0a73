"""The study that `tt rehydrate` writes: one search of the ids of a list, which are in files beside the study."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from string import Template
from typing import Final

from tt_pipeline.studies.template import quoted_title
from tt_pipeline.studies.video_ids import MOST_IDS, first_day_of, last_day_of, parts_of
from tt_pipeline.vocabulary import VideoId

_NAME: Final = "ids"


@dataclass(frozen=True, slots=True, kw_only=True)
class IdStudy:
    """A study that is not written yet.

    Attributes:
        text: The text of the study file, with a confirmed quota.
        value_files: The texts of the files beside it, by name.
        requests: The number of requests that collect it, if none fails.
    """

    text: str
    value_files: Mapping[str, str]
    requests: int


def id_study(title: str, ids: Sequence[VideoId]) -> IdStudy:
    """The study that collects these ids once; more ids than a search may have are split.

    Args:
        title: Of the study.
        ids: Ascending, each once.
    """
    lists = [ids[begin : begin + MOST_IDS] for begin in range(0, len(ids), MOST_IDS)]
    names = [_NAME] if len(lists) == 1 else [f"{_NAME}_{number}" for number in range(1, len(lists) + 1)]
    searches = [f"  {name}: {{video_ids: {{file: {name}.txt}}}}" for name in names]
    return IdStudy(
        text=_STUDY.substitute(
            title=quoted_title(title),
            start=first_day_of(ids[0]),
            end=last_day_of(ids[-1]),
            searches="\n".join(searches),
        ),
        value_files={
            f"{name}.txt": "".join(f"{each}\n" for each in part) for name, part in zip(names, lists, strict=True)
        },
        requests=sum(1 for part in lists for _ in parts_of(part)),
    )


_STUDY: Final = Template("""\
# The videos of a list of ids; `tt rehydrate` wrote this study. `tt check` describes it, `tt plan` shows its costs.

study: $title

# The days of the first and the last upload, which are in the ids.
start: $start
end: $end

searches:
$searches

# One look shows what is still there; afterwards `tt refresh` checks regularly what was stored.
looks: [3]

# `true` also collects the comments, and the profiles of creators; see the price with `tt plan` first.
comments: false
users: false

# Somebody agreed to the price that `tt rehydrate` said.
quota: {requests_per_day: 1000, confirmed: true}
""")
