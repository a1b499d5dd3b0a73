"""docs/cookbook/: ten studies, each with its plan and its answers on the simulator.

A page is run from top to bottom in an empty folder, and the block below a command or a query gets its output.
"""

import json
import os
import re
import shlex
from collections.abc import Iterator, Mapping, Sequence
from contextlib import chdir, contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from io import StringIO
from pathlib import Path
from string import Template
from typing import Any, Final

from tt_pipeline.cli import main
from tt_pipeline.env_file import PREFIX
from tt_pipeline.simulator import Knobs, Simulator, World, running
from tt_pipeline_tests.documents.blocks import ROOT
from tt_pipeline_tests.frozen_clock import FrozenClock

FOLDER: Final = ROOT / "docs" / "cookbook"
LIST: Final = FOLDER / "README.md"
PAGES: Final = tuple(
    FOLDER / f"{name}.md"
    for name in (
        *("party-accounts", "hashtag-panel", "random-baseline", "follower-panel", "ids-from-a-paper"),
        *("one-creator", "sound-or-effect", "comments-of-a-debate", "countries", "class"),
    )
)
"""The pages in the order of the list."""
_TEMPLATE: Final = Path(__file__).parent / "templates" / "cookbook.md"
_NOON: Final = datetime(2026, 11, 1, 12, tzinfo=UTC)
_RATE: Final = 20
"""How many times faster the clock of the commands runs, so that the waits between requests are short."""
_STEP: Final = re.compile(
    r"<!-- (?P<days>\d+) days later -->"
    r"|^```(?P<language>yaml|sh|sql)\n(?P<text>.*?)^```$(?P<gap>\n\n(?=```text\n))?(?(gap)```text\n.*?^```$)",
    re.DOTALL | re.MULTILINE,
)
_BELOW_THE_PRICE: Final = re.compile(r"(?<=\n)\s*\n Search  .*", re.DOTALL)
"""What `tt plan` prints below its table of requests."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ran:
    """A page that was run.

    Attributes:
        text: The page with the output of its commands and queries.
        price: Requests of its study: of a usual day, or in all if every day of it has come.
    """

    text: str
    price: str


@cache
def _world() -> World:
    """The world of `tt simulate --days 3650`, whose last day is the one before; it never changes."""
    return World.until_yesterday(_NOON, seed=7, days=3_650, videos_per_day=600)


def ran(page: str, folder: Path) -> Ran:
    """Run a page in an empty folder, on a simulator of its own."""
    clock = FrozenClock(_NOON)
    simulator = Simulator(_world(), knobs=Knobs(rate_per_minute=0), now=clock.now)
    with running(simulator) as base_url, _environment(folder, base_url):
        text = _STEP.sub(lambda step: _done(step, clock), page)
        sent = sum("oauth" not in request.endpoint for request in simulator.log)
        return Ran(text=text, price=_price(json.loads(_tt("plan", "--json")), sent))


def listed(pages: Mapping[Path, Ran]) -> str:
    """The text of docs/cookbook/README.md."""
    studies = "\n".join(_row(file, page) for file, page in pages.items())
    return Template(_TEMPLATE.read_text(encoding="utf-8")).substitute(studies=studies)


def _row(file: Path, page: Ran) -> str:
    title, _, question = page.text.splitlines()[:3]
    return f"| [{title.removeprefix('# ')}]({file.name}) | {question} | {page.price} |"


def _price(plan: dict[str, Any], sent: int) -> str:
    if not plan["goes_on"]:
        return f"{sent + plan['total']['likely']:,} in all"
    of_followers = f", {plan['social']['per_day']['likely']:,.0f} of the followers' quota" if plan["social"] else ""
    return f"{plan['per_day']['likely']:,.0f} a day{of_followers}"


def _done(step: re.Match[str], clock: FrozenClock) -> str:
    if step["days"]:
        clock.advance(days=int(step["days"]))
    os.environ["TT_CLOCK"] = f"{clock.now().isoformat()}@{_RATE}"
    output = _output(step["language"], step["text"])
    if not step["gap"]:
        return step[0]
    lines = "\n".join(line.rstrip() for line in output.splitlines())
    return f"```{step['language']}\n{step['text']}```\n\n```text\n{lines}\n```"


def _output(language: str, text: str) -> str:
    """What the block prints; a study is written into its file."""
    if language == "sql":
        return _tt("sql", text)
    if language == "sh":
        words = [shlex.split(line, comments=True) for line in text.splitlines()]
        return "\n\n".join([_tt(*command[1:]) for command in words if _is_run(command)])
    if language == "yaml" and text.startswith("study:"):
        Path("data").mkdir(exist_ok=True)
        Path("data", "study.yaml").write_text(text, encoding="utf-8")
    return ""


def _is_run(command: Sequence[str]) -> bool:
    """Folder, variables and simulator are there already."""
    return command[:1] == ["tt"] and command[1] != "simulate"


def _tt(*words: str) -> str:
    """What a command prints, run in this process because ten pages have fifty of them."""
    out, errors = StringIO(), StringIO()
    with redirect_stdout(out), redirect_stderr(errors):
        try:
            main(words)
        except SystemExit as ended:
            if ended.code:
                raise AssertionError(f"tt {words[0]} exited with {ended.code}: {errors.getvalue()[-2000:]}") from None
    printed = out.getvalue()
    return (_BELOW_THE_PRICE.sub("", printed) if words == ("plan",) else printed).strip("\n")


@contextmanager
def _environment(folder: Path, base_url: str) -> Iterator[None]:
    before = dict(os.environ)
    for name in [name for name in before if name.startswith(PREFIX)]:
        del os.environ[name]
    os.environ.update(TT_API_BASE_URL=base_url, TT_CLIENT_KEY="sim-key", TT_CLIENT_SECRET="sim-secret")
    try:
        with chdir(folder):
            yield
    finally:
        os.environ.clear()
        os.environ.update(before)
