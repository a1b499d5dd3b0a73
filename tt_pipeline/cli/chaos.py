"""`tt demo --chaos`: run the demo's collection while many faults occur, report them, and check the result.

At the end the rows of the published file are compared with the simulator's own data.
"""

import os
import shutil
import signal
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from http import HTTPStatus
from pathlib import Path
from string import Template
from typing import Any, Final

import httpx

from tt_pipeline.cli.console import heading, say
from tt_pipeline.cli.demo import demo_settings, last_fourteen_days, simulator
from tt_pipeline.cli.exits import Exit
from tt_pipeline.clock import next_midnight, real_sleep, start_of, today
from tt_pipeline.counted import counted
from tt_pipeline.coverage import open_workspace
from tt_pipeline.errors import DemonstrationFailed
from tt_pipeline.query import Condition, Query
from tt_pipeline.reports import query_published
from tt_pipeline.safe_files import write_whole
from tt_pipeline.settings import Settings, hand_on
from tt_pipeline.studies import Study, read_study
from tt_pipeline.vocabulary import ConditionField, Operation

STUDY: Final = Template("""\
study: Demo of faults – a TikTok that does not exist
start: $start
end: $end
searches:
  climate:
    hashtags: [climate, klima, fridaysforfuture]
    keywords: ["climate strike"]
  football_de:
    hashtags: [football, fussball]
    regions: [DE]
  recipes:
    query: {"and": [{"operation": "IN", "field_name": "hashtag_name", "field_values": ["recipe", "rezept"]}],
            "not": [{"operation": "EQ", "field_name": "video_length", "field_values": ["SHORT"]}]}
comments: {min_comments: 3}
quota: {requests_per_day: $quota, requests_per_second: 200}
""")
"""Searches that list all their videos, so that a missing one is lost."""
FOLDER: Final = Path("data") / "demo" / "chaos"
RATE: Final = 3_600
"""The clock runs an hour per real second, so that waits and midnights pass quickly."""
QUOTA: Final = 400
TOKEN_TTL_S: Final = 86_400
"""24 real seconds: on a busy machine, half a second passes between a new token and the request that it is for."""
KILL_AFTER: Final = 60
MOST_RUNS: Final = 12
FAULTS: Final[list[dict[str, Any]]] = [
    {"kind": "error_500", "endpoint": "comment_list", "every": 23},
    {"kind": "html_504", "endpoint": "user_info", "every": 41},
    {"kind": "search_id_invalid", "endpoint": "video_query", "nth": 3},
    {"kind": "search_id_invalid", "endpoint": "video_query", "nth": 7, "times": 8},
    {"kind": "burst_429", "endpoint": "comment_list", "nth": 50},
    {"kind": "token_invalid", "endpoint": "comment_list", "nth": 20},
    {"kind": "truncated_json", "endpoint": "user_info", "nth": 30},
]
_FAULT_TEXTS: Final = {
    "internal_error": "the server failed (500): the request is charged and sent again later",
    "timeout": "the gateway timed out (504, HTML): sent again",
    "invalid_params": "a search_id was refused: waited, or restarted below the last video seen",
    "rate_limit_exceeded": "too many requests in a minute (429): waited some seconds",
    "daily_quota_limit_exceeded": "the server reports the day's quota as used up: no more requests today",
    "access_token_invalid": "the token expired early: sent again with a new token",
}
_NAMES: Final = {
    "internal_error": "500",
    "invalid_params": "search_id refused",
    "rate_limit_exceeded": "429 (burst)",
    "daily_quota_limit_exceeded": "429 (day)",
    "access_token_invalid": "401",
}


def run_chaos() -> bool:
    """Run the collection under faults; returns whether no row was lost and none was invented.

    Raises:
        DemonstrationFailed: The collection did not become complete.
    """
    shutil.rmtree(FOLDER, ignore_errors=True)
    settings = _settings()
    with simulator(settings.files) as base_url:
        settings = settings.model_copy(update={"api_base_url": base_url})
        hand_on(**settings.as_environment())
        sim = httpx.Client(base_url=base_url, timeout=60)
        with sim:
            sim.post("/_sim/knobs", json={"faults": FAULTS, "token_ttl_s": TOKEN_TTL_S, "quota_main": QUOTA})
            return _ChaosRun(settings, read_study(settings.study_file), sim, settings.open_clock().now()).run()


def _settings() -> Settings:
    """The demo's settings in a folder of its own, with a fast clock that starts at 01:00 UTC."""
    base = demo_settings(FOLDER)
    night = start_of(today(base.open_clock())) + timedelta(hours=1)
    settings = base.model_copy(update={"clock": f"{night.isoformat()}@{RATE}"})
    settings = settings.model_copy(update={"clock": str(settings.open_clock())})
    FOLDER.mkdir(parents=True)
    first, last = last_fourteen_days(base.open_clock())
    write_whole(settings.study_file, STUDY.substitute(start=first, end=last, quota=QUOTA))
    return settings


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """How the stored rows of a table differ from the simulator's, in numbers of rows.

    Attributes:
        lost: Rows that the simulator had during the whole run and that are not stored.
        invented: Stored rows that the simulator never sent.
    """

    noun: str
    stored: int
    lost: int
    invented: int

    @classmethod
    def between(cls, noun: str, stored: set[Any], *, stayed: set[Any], sent: set[Any]) -> "Difference":
        """The difference of the stored ids from those that stayed during the run and from those that were sent."""
        return cls(noun=noun, stored=len(stored), lost=len(stayed - stored), invented=len(stored - sent))

    def __str__(self) -> str:
        return f"{self.noun}: {self.stored:,} stored; lost {self.lost}, invented {self.invented}"


@dataclass
class _ChaosRun:
    """One run of the demonstration; `log_position` counts the simulator's log entries read so far."""

    settings: Settings
    study: Study
    sim: httpx.Client
    began: datetime
    log_position: int = 0
    faults: Counter[str] = field(default_factory=Counter)

    def run(self) -> bool:
        """Collect until complete, despite a kill and over several days of quota; then compare with the simulator.

        The command also ends as complete where the server failed, and requests that again a day later: so do we.
        """
        heading("The demo's collection, while many things fail.")
        say(f"{QUOTA} requests a day, failing servers, expired tokens and search_ids, a kill. An hour takes a second.")
        heading("First run")
        self._killed_run()
        for _ in range(MOST_RUNS):
            heading("The same command again")
            code = self._run()
            if code not in {Exit.COMPLETE, Exit.PAUSED}:
                raise DemonstrationFailed(
                    f"The collection ended with exit code {code}, but expected a pause or completion."
                )
            failed = self._failed() if code == Exit.COMPLETE else 0
            if code == Exit.COMPLETE and not failed:
                return self._compare()
            self._wait_for_midnight(f"the server failed {counted(failed, 'time')}" if failed else "paused for quota")
        raise DemonstrationFailed(f"The collection was not complete after {MOST_RUNS} runs.")

    def _killed_run(self) -> None:
        process = self._start()
        while process.poll() is None and self._requests() < KILL_AFTER:
            self._print_new_faults()
            real_sleep(0.02)
        os.kill(process.pid, signal.SIGKILL)
        process.communicate()
        self._print_new_faults()
        say(f"  kill -9 after {counted(self._requests(), 'request')} (tokens included), while a page was being fetched")

    def _run(self) -> int:
        with self._start() as process:
            printing = threading.Thread(target=_print_lines, args=(process,))
            printing.start()
            while process.poll() is None:
                self._print_new_faults()
                real_sleep(0.1)
            printing.join()
        self._print_new_faults()
        return process.returncode

    def _start(self) -> subprocess.Popen[str]:
        days = ["--from", f"{self.study.first_day}", "--to", f"{self.study.last_day}"]
        return subprocess.Popen(  # noqa: S603 — our own interpreter and module
            [sys.executable, "-m", "tt_pipeline.cli", "collect", *days],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def _requests(self) -> int:
        return int(self.sim.get("/_sim/state").json()["requests"])

    def _print_new_faults(self) -> None:
        """Print each kind of fault when it first occurs."""
        for request in self.sim.get("/_sim/log", params={"since": self.log_position}).json()["requests"]:
            self.log_position += 1
            code = request["code"]
            # A refused account has the same code, but it is a result, not a fault.
            if code in _FAULT_TEXTS and (code != "invalid_params" or request["endpoint"] == "video_query"):
                self.faults[code] += 1
                if self.faults[code] == 1:
                    say(f"  request {self.log_position}: {_FAULT_TEXTS[code]}")

    def _failed(self) -> int:
        """The number of days, videos and accounts for which the server only failed, by the published file."""
        datasets = ("search", "comment", "account")
        failed = "where status in ('unavailable', 'failed')"
        return sum(len(self._stored(f"select rowid from ops.{name}_coverage {failed}")) for name in datasets)

    def _wait_for_midnight(self, reason: str) -> None:
        clock = self.settings.open_clock()
        midnight = next_midnight(clock.now())
        say(f"  {reason}; it is {clock.now():%H:%M} UTC. The same command continues after midnight …")
        clock.sleep((midnight - clock.now()).total_seconds() + 1)

    def _compare(self) -> bool:
        """Compare the stored rows with those that the simulator had all the time, and with those that it sent.

        Days pass during the run, so rows that appeared or vanished meanwhile may be stored or not. A row that vanished
        never comes back, so a row of the first and the last instant was there all the time.
        """
        heading("Result")
        stored, sent = self._all_stored(), self._all_sent()
        ended = self.settings.open_clock().now()
        first, last = (self._truth_at(instant) for instant in (self.began, ended))
        differences = [
            Difference.between(noun, rows, stayed=first[noun] & last[noun], sent=sent[noun])
            for noun, rows in stored.items()
        ]
        for difference in differences:
            say(f"{difference}")
        lost = sum(difference.lost for difference in differences)
        with open_workspace(self.settings) as workspace:
            spent, needed = workspace.ledger.total_charged(), workspace.coverage().landed.pages_needed()
            twice = workspace.zone.index.pages_bought_twice()
            names, rows = workspace.ledger.rows()
        charged, free = failures(dict(zip(names, row, strict=True)) for row in rows)
        charged["other"] = spent - needed - charged.total()
        say(f"Rows lost: {lost}. Requests wasted: {spent - needed} of {spent} (pages requested twice: {twice}).")
        say(f"Wasted: {_in_words(charged)}. Not charged: {_in_words(free)}.")
        return not any(difference.lost or difference.invented for difference in differences)

    def _all_stored(self) -> dict[str, set[Any]]:
        return {
            "videos": self._stored("select video_id from core.videos"),
            "comments": self._stored("select comment_id from core.comments"),
            "users": self._stored("select username from core.users"),
        }

    def _all_sent(self) -> dict[str, set[Any]]:
        sent = self.sim.get("/_sim/sent").json()
        names = {"videos": "video_ids", "comments": "comment_ids", "users": "usernames"}
        return {noun: set(sent[name]) for noun, name in names.items()}

    def _truth_at(self, instant: datetime) -> dict[str, set[Any]]:
        """What the simulator returns at an instant: videos of searches, their creators, and comments.

        The comments are those of all videos whose comments were due at the start or are stored.
        """
        self.sim.post("/_sim/clock", json={"set": instant.isoformat()})
        found = [self._truth(search.query, f"{self.study.last_day}") for search in self.study.searches]
        due = [self._truth(*self._due_comments(search.query)) for search in self.study.searches]
        listed = self._stored("select video_id from ops.comment_coverage where comments_held > 0")
        commented = _union(due, "ids") | listed
        return {
            "videos": _union(found, "ids"),
            "comments": {i for video_id in commented for i in self._simulated(f"comments/{video_id}")["ids"]},
            "users": {name for name in _union(found, "usernames") if self._simulated(f"user/{name}")["user"]},
        }

    def _due_comments(self, query: Query) -> tuple[Query, str]:
        """The query of the videos that have enough comments, and the last day whose comments are due at the start."""
        rules = self.study.comments
        enough = Condition(
            field=ConditionField.COMMENT_COUNT, operation=Operation.GTE, values=(f"{max(rules.min_comments, 1)}",)
        )
        last_due = self.began.date() - timedelta(days=rules.after_days)
        return replace(query, all_of=(*query.all_of, enough)), f"{last_due}"

    def _truth(self, query: Query, last_day: str) -> dict[str, Any]:
        body = {"query": query.body(), "first_day": f"{self.study.first_day}", "last_day": last_day}
        truth: dict[str, Any] = self.sim.post("/_sim/truth", json=body).json()
        return truth

    def _simulated(self, what: str) -> dict[str, Any]:
        answer: dict[str, Any] = self.sim.get(f"/_sim/truth/{what}").json()
        return answer

    def _stored(self, query: str) -> set[Any]:
        return set(query_published(self.settings.files.published, query).to_series().to_list())


def failures(requests: Iterable[Mapping[str, Any]]) -> tuple[Counter[str], Counter[str]]:
    """The requests of the ledger that returned nothing, by what happened: those that were charged, and the others.

    A refusal of an account or a video is a result.
    """
    charged, free = Counter[str](), Counter[str]()
    for request in requests:
        code, is_search = request["code"], request["endpoint"] == "video_query"
        if code == "ok" or (code == "invalid_params" and not is_search):
            continue
        unread = "answer cut off" if request["status"] == HTTPStatus.OK else f"{request['status']}"
        name = unread if code == "unreadable" else _NAMES.get(code, "no answer before the kill")
        (charged if request["is_charged"] else free)[name] += 1
    return charged, free


def _in_words(counted: Counter[str]) -> str:
    return ", ".join(f"{count} × {name}" for name, count in counted.most_common() if count) or "none"


def _union(truths: list[dict[str, Any]], key: str) -> set[Any]:
    return {value for truth in truths for value in truth[key]}


def _print_lines(process: subprocess.Popen[str]) -> None:
    for line in process.stdout or ():
        if line.strip():
            say(f"  {line.rstrip()}")
