"""One-off requests about accounts and videos as a command carries them out: sentence, price, rows, refusals."""

from tt_pipeline.cli.once_collection import OnceCollection
from tt_pipeline.counted import counted
from tt_pipeline.coverage import tombstones_of
from tt_pipeline.errors import UsageError
from tt_pipeline.ingestion import (
    Extent,
    Subjects,
    collect_subjects,
    looks_of,
    pages_of_subjects,
    subject_records,
)
from tt_pipeline.landing import Index, PageEntry
from tt_pipeline.settings import Settings
from tt_pipeline.vocabulary import Dataset, Refusal, StopReason

_WHAT = {
    Dataset.USERS: "Profiles of",
    Dataset.COMMENTS: "Comments of",
    Dataset.FOLLOWERS: "Followers of",
    Dataset.FOLLOWING: "Accounts followed by",
    Dataset.LIKED: "Videos liked by",
    Dataset.PINNED: "Videos pinned by",
    Dataset.REPOSTED: "Videos reposted by",
}
_WHY = {
    Refusal.NOT_FOUND: "was not found",
    Refusal.PRIVATE: "is private",
    Refusal.REFUSED: "does not show it",
    Refusal.UNKNOWN: "was refused for a reason that is not known",
}

_NO_COMMENTS = (
    "{name}: the API returned no comment. It answers the same if the video has none, if its comments are turned off, "
    "and if the video is deleted, private or wrong; https://www.tiktok.com/@/video/{name} shows which."
)


def check_not_taken_down(settings: Settings, subjects: Subjects) -> None:
    """Check that none of these accounts or videos was deleted on request.

    Raises:
        UsageError: One was; nothing was sent.
    """
    taken_down = tombstones_of(settings).taken_down
    of_videos = subjects.dataset is Dataset.COMMENTS
    gone = [name for name in subjects.names if (taken_down.video(int(name)) if of_videos else taken_down.user(name))]
    if gone:
        names = " ".join(name if of_videos else f"@{name}" for name in gone)
        raise UsageError(
            f"{names}: deleted on request, so nothing is requested about it again. Nothing was sent. Leave it out;"
            f" `tt purge --forget {names}` would allow it again."
        )


def subjects_once(subjects: Subjects, extent: Extent) -> OnceCollection:
    """The requests about these subjects."""
    return OnceCollection(
        dataset=subjects.dataset,
        sentence=_sentence(subjects),
        continues=extent.goes_on,
        price=lambda index: pages_of_subjects(subjects, extent, index),
        collect=lambda session: collect_subjects(session, subjects, extent),
        records=lambda index: subject_records(subjects, index),
        state=lambda index: _state(subjects, index),
    )


def _sentence(subjects: Subjects) -> str:
    thing = "video" if subjects.dataset is Dataset.COMMENTS else "account"
    return f"{_WHAT[subjects.dataset]} {counted(len(subjects.names), thing)}: {', '.join(subjects.names)}."


def _state(subjects: Subjects, index: Index) -> list[str]:
    looks = looks_of(subjects, index)
    found = [f"{name} {_WHY[look.refusal]}." for name, look in looks.items() if look.refusal]
    found += [
        f"{name}: the server failed; run the command again." for name, look in looks.items() if _failed(look.ends)
    ]
    if subjects.dataset is Dataset.COMMENTS:
        found += [_NO_COMMENTS.format(name=name) for name, look in looks.items() if _is_empty(look)]
    if more := [name for name in subjects.names if name not in looks or looks[name].ends is None]:
        found.append(f"More follow of {', '.join(more)}: --continue requests the next pages.")
    return found


def _is_empty(look: PageEntry) -> bool:
    """Whether the API answered with an empty list."""
    return look.ends is StopReason.COMPLETE and not look.records and not look.refusal


def _failed(ends: StopReason | None) -> bool:
    return ends is StopReason.UNAVAILABLE
