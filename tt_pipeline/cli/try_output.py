"""`tt try`: what one request finds, and what collecting the search would cost."""

from datetime import UTC, datetime
from typing import Any

from rich.text import Text

from tt_pipeline.cli.console import OUT, heading, say, say_as_is
from tt_pipeline.counted import counted
from tt_pipeline.coverage import shown_as_running
from tt_pipeline.ids import upload_second, video_id_of, whole_number
from tt_pipeline.ingestion import Trial, check_may_spend, open_session, try_search
from tt_pipeline.planning import SearchPrice, search_price
from tt_pipeline.settings import Settings
from tt_pipeline.studies import Search, find_search, sentence

_ROWS = 10
_INDENT = 4
_MOST = 160


def show_trial(settings: Settings, name: str) -> None:
    """Send one request for a search and show what it finds."""
    study = check_may_spend(settings)
    search = find_search(study, name)
    with (
        open_session(settings, run_id="try", study=study) as session,
        shown_as_running(settings.files, f"tt try {name}", session.clock.now()),
    ):
        trial = try_search(session, search)
        use, looks = session.use(), len(session.study.looks)
    price = search_price(search, slots_per_day=trial.slots_per_day, looks=looks)
    phrase, found = sentence(search), counted(len(trial.videos), "video")
    say(f"{phrase[0].upper()}{phrase[1:]}, {trial.window}.")
    say(f"One request was sent, and the quota counts it: {use} today. Its page was shown and not stored.")
    if not trial.videos:
        say("\nNo video was found. `tt check` shows the query; keywords and hashtags are matched whole.")
        return
    heading(f"{found} on the first page{f'; the newest {_ROWS}' if len(trial.videos) > _ROWS else ''}")
    for video in trial.videos[:_ROWS]:
        _show_video(video)
    heading("How much there is")
    say(trial_sentence(trial, price, search, looks))
    heading("What next")
    if not search.parts:
        say(f"`{plan_command(trial, search)}` plans with this number.")
    say("`tt collect` collects what is due, these videos too.")


def _show_video(video: dict[str, Any]) -> None:
    """Print the link to a video, and below it what the video is about on one line."""
    video_id, username = video_id_of(video), video.get("username")
    created_s = whole_number(video.get("create_time")) or upload_second(video_id or 0)
    created = datetime.fromtimestamp(created_s, UTC)
    views, comments = whole_number(video.get("view_count")), whole_number(video.get("comment_count"))
    facts = [
        f"{created:%Y-%m-%d %H:%M} UTC",
        str(video.get("region_code") or ""),
        "" if views is None else counted(views, "view"),
        "" if comments is None else counted(comments, "comment"),
        " ".join(str(video.get("video_description") or "").split()),
    ]
    about = Text(", ".join(fact for fact in facts if fact))
    about.truncate(min(OUT.width - _INDENT, _MOST), overflow="ellipsis")
    say_as_is(f"https://www.tiktok.com/@{username}/video/{video_id}")
    OUT.print(Text(" " * _INDENT) + about, soft_wrap=True)


def plan_command(trial: Trial, search: Search) -> str:
    """The command that plans with the number of videos that a page showed."""
    number = f"{trial.videos_per_day:.1f}".removesuffix(".0")
    return f"tt plan --videos-per-day {search.name}={number}"


def trial_sentence(trial: Trial, price: SearchPrice, search: Search, looks: int) -> str:
    """How many videos there are, and what collecting them costs; `tt plan` computes the same from this number."""
    at_each = f"each of {looks} looks" if looks > 1 else "the one look"
    if search.parts:
        all_ids = f"all ids are {counted(price.requests_at_once, 'request')} at {at_each}"
        return (
            f"One request found {counted(len(trial.videos), 'video')} of the list: {all_ids}, and none are added later."
        )
    each = f"day by day, at {at_each}"
    return (
        f"About {trial.videos_per_day:,.1f} videos a day, by the times in their ids. "
        f"The daily schedule sends about {counted(price.requests_a_month, 'request')} a month for the search ({each}); "
        f"30 past days at once cost about {price.requests_at_once:,}."
    )
