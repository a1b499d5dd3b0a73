"""What `tt init` does: ask what a study needs, and write it with a `.env` and a schema for editors."""

import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Final

from tt_pipeline.cli.console import ERR, OUT, are_terminals, say
from tt_pipeline.cli.init_answers import QUESTIONS, answers_of, settle, study_of, usual_answers
from tt_pipeline.clock import Clock, today
from tt_pipeline.counted import with_noun
from tt_pipeline.errors import UsageError
from tt_pipeline.file_modes import tighten
from tt_pipeline.safe_files import write_whole
from tt_pipeline.settings import Settings, is_loopback
from tt_pipeline.studies import (
    ENV_TEMPLATE,
    SCHEMA_FILE,
    SCHEMA_LINE,
    STUDY_TEMPLATE,
    Study,
    schema_text,
    sentence,
    study_text,
)

_PRIVATE: Final = 0o600
_FEW_BYTES: Final = 1000


def write_project(settings: Settings, written: Mapping[str, str], *, replaces: bool) -> None:
    """Write the study, its schema and a `.env`; what exists stays.

    Args:
        settings: They name the study file.
        written: The answers that were written as options, by their names.
        replaces: Whether an existing study is replaced.

    Raises:
        UsageError: An answer is illegal, or there is a study already, which the options would not change.
    """
    file = settings.study_file
    if replaces or not file.exists() or _is_blank(file):
        _write(file, SCHEMA_LINE + _text(written, settings))
    elif written:
        raise UsageError(
            f"{file} exists already, and {', '.join(written)} would not change it. Nothing was written. Edit the "
            "study, or replace it with --force."
        )
    else:
        say(f"{file} exists already and was not changed.")
    _write_schema(file)
    _write_env(Path(".env"))
    _keep_out_of_git(settings.data_dir)
    tighten(settings.files)
    say(f"Next: edit the study; `tt check` explains it, and `tt plan` says what it costs.{_of_tiktok(settings)}")
    say("Then run `tt collect`.")


def write_study(settings: Settings, text: str, value_files: Mapping[str, str]) -> None:
    """Write a study with the files that it names, and its schema; only this user can read them.

    Raises:
        UsageError: A file of this name has another content; nothing was written.
    """
    study = settings.study_file
    for name, content in value_files.items():
        if (file := study.with_name(name)).exists() and (not file.is_file() or file.read_bytes() != content.encode()):
            raise UsageError(f"{file} exists already, with another content. Nothing was written. Rename or move it.")
    for name, content in value_files.items():
        _write(study.with_name(name), content)
    _write(study, SCHEMA_LINE + text)
    _write_schema(study)
    _keep_out_of_git(settings.data_dir)
    tighten(settings.files)


def _of_tiktok(settings: Settings) -> str:
    """What TikTok needs besides; nothing for a simulator."""
    if is_loopback(settings.api_base_url):
        return ""
    return " Write your client key and secret into .env, and `confirmed: true` under quota when you agree to the price."


def _is_blank(file: Path) -> bool:
    """Whether the file has no text at all, as after `touch study.yaml`."""
    return file.is_file() and file.stat().st_size < _FEW_BYTES and not file.read_bytes().strip()


def write_schema_again(study: Path) -> None:
    """Write only the schema for editors."""
    say(f"{_write_schema(study)} written. A study whose first line is `{SCHEMA_LINE.strip()}` uses it.")


def _write_schema(study: Path) -> Path:
    """Write the schema into the folder of the study; returns its path."""
    file = study.with_name(SCHEMA_FILE)
    write_whole(file.resolve(), schema_text())
    return file


def _text(written: Mapping[str, str], settings: Settings) -> str:
    """The text of the study: of the answers, or the example where nothing was answered and nobody can be asked."""
    file, clock = settings.study_file, settings.open_clock()
    if written:
        known = settle(written, file, today(clock))
        _show_search(study_of(known, file))
        _show_price(known, file, clock.now())
        return study_text(answers_of(known))
    if are_terminals(sys.stdin, sys.stdout):
        return study_text(answers_of(_asked(file, clock)))
    return STUDY_TEMPLATE


def _asked(file: Path, clock: Clock) -> dict[str, str]:
    """The answers of somebody at the terminal, by option."""
    usual = usual_answers(today(clock))
    say(f"Answer a few questions, and {file} is written: the study, which says what is collected. You can edit it.")
    say("Return takes the answer in brackets. Ctrl-C ends without writing anything.\n")

    def ask(option: str, known: Mapping[str, str], problem: str | None) -> str:
        if problem:
            say(f"  {problem}")
        elif option == "--comments":
            _show_search(study_of(known, file))
            _show_price(known, file, clock.now())
        return _input(QUESTIONS[option], usual.get(option, ""))

    with suppress(ImportError):
        import readline  # noqa: F401 — lets people edit the line that they type
    try:
        return settle({}, file, today(clock), ask=ask)
    except KeyboardInterrupt:
        ERR.print("\nNothing was written.", style="red")
        raise


def _input(text: str, usual: str) -> str:
    """The answer that somebody types; Return gives the usual one.

    Raises:
        UsageError: The input ended, as after Ctrl-D.
    """
    try:
        return input(f"{text}{f' [{usual}]' if usual else ''}: ").strip() or usual
    except EOFError:
        raise UsageError("\nThe input ended before the last question. Nothing was written.") from None


def _show_search(study: Study) -> None:
    say(f"\nThis study collects {sentence(study.searches[0])}.")
    for notice in study.notices:
        OUT.print(f"Notice: {notice}", style="yellow")


def _show_price(known: Mapping[str, str], file: Path, now: datetime) -> None:
    say("The price is counted in requests. Each returns up to 100 videos or comments, and TikTok allows 1,000 a day.")
    for answer, beginning in (("yes", "With comments"), ("no", "Without them")):
        say(f"{beginning} it needs {_price(study_of({**known, '--comments': answer}, file), now)}.")
    say("These are estimates, with the lowest and the highest number in brackets; `tt plan` explains them.\n")


def _price(study: Study, now: datetime) -> str:
    from tt_pipeline.cli.plan_tables import show_days, show_number, show_range
    from tt_pipeline.planning import assumed, plan

    made = plan(study, assumed(study, now), now)
    whole = f"about {with_noun(show_number(made.total.likely), 'request')} ({show_range(made.total)})"
    later = f", and then {show_number(made.per_day.likely)} a day" if made.goes_on else ""
    return f"{whole}, which take {show_days(made.days)}{later}"


def _write(file: Path, text: str) -> None:
    write_whole(file.resolve(), text)  # a linked study stays linked
    file.chmod(_PRIVATE)
    say(f"{file} written.")


def _write_env(file: Path) -> None:
    if file.exists():
        say(f"{file} exists already and was not changed.")
    else:
        _write(file, ENV_TEMPLATE)


def _keep_out_of_git(data_dir: Path) -> None:
    """Make Git ignore the secrets, and of the data dir everything but the study; lines that are there stay."""
    _add_lines(Path(".gitignore"), [".env"])
    _add_lines(data_dir / ".gitignore", ["*", "!.gitignore", "!study.yaml"])


def _add_lines(file: Path, lines: Sequence[str]) -> None:
    there = file.read_text(encoding="utf-8", errors="replace").splitlines() if file.exists() else []
    missing = [line for line in lines if line not in there]
    if missing:
        write_whole(file.resolve(), "".join(f"{line}\n" for line in [*there, *missing]))
