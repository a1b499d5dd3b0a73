"""The questions of `tt init`, and what their answers make: each is checked when given. Nothing is written here."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Final, Protocol

from tt_pipeline.errors import StudyError, UsageError
from tt_pipeline.studies import Answers, Study, parse_study, study_text
from tt_pipeline.vocabulary import ONCE

QUESTIONS: Final = {
    "--title": "Title of the study",
    "--from": "First day on which the videos were posted, in UTC",
    "--to": "Last day; Return if the study goes on",
    "--words": "Words or #hashtags, with commas between them; a video needs one of them",
    "--accounts": "Handles, with commas, if only what these accounts posted; Return for all accounts",
    "--countries": "Countries of those who post, as in DE, AT; Return for all",
    "--comments": "Collect comments too, yes or no",
}
"""The questions in their order, each by the option that answers it."""
_USUAL_DAYS: Final = 30
_YES: Final = frozenset({"y", "yes"})
_NO: Final = frozenset({"n", "no"})


def usual_answers(today: date) -> dict[str, str]:
    """What Return answers, by option; a question that is not in it has no usual answer.

    Args:
        today: The UTC day; a study begins 30 days before it.
    """
    return {"--title": "My study", "--from": f"{today - timedelta(days=_USUAL_DAYS)}", "--comments": "yes"}


class Ask(Protocol):
    """Asks somebody for the answer to an option."""

    def __call__(self, option: str, known: Mapping[str, str], problem: str | None) -> str:
        """The answer, after the answers so far, and after what was wrong with the last answer to this option."""


def settle(written: Mapping[str, str], file: Path, today: date, *, ask: Ask | None = None) -> dict[str, str]:
    """The answers to all questions by their options; each is legal.

    Args:
        written: Answers that were written as options.
        file: Where the study will be.
        today: The UTC day.
        ask: Asks for what is not written; None takes the usual answers.

    Raises:
        UsageError: A written answer is illegal, or one that nobody can be asked for is missing.
    """
    known: dict[str, str] = {}
    for option in QUESTIONS:
        asks = None if option in written else ask
        usual = written.get(option, usual_answers(today).get(option, ""))
        answer = asks(option, known, None) if asks else usual
        while problem := problem_of({**known, option: answer}, file):
            if asks is None:
                raise UsageError(f"{option} {answer!r}: {problem} Nothing was written.")
            answer = asks(option, known, problem)
        known[option] = answer
    return known


def problem_of(known: Mapping[str, str], file: Path) -> str | None:
    """What is wrong with the last of these answers, if those before it are legal; None if nothing is."""
    if "--accounts" in known and not (_listed(known["--words"]) or _listed(known["--accounts"])):
        return "a study needs --words or --accounts, because otherwise nearly every video matches."
    if known.get("--comments", "yes").strip().lower() not in _YES | _NO:
        return f"{known['--comments']!r} is neither yes nor no."
    try:
        study_of(known, file)
    except StudyError as error:
        return error.problem
    return None


def study_of(known: Mapping[str, str], file: Path) -> Study:
    """The study of these answers, which may be the first ones only.

    Raises:
        StudyError: An answer is illegal.
    """
    return parse_study(study_text(answers_of(known)), file)


def answers_of(known: Mapping[str, str]) -> Answers:
    """The answers by the keys of the study; while no word and no account is known, any word stands for them."""
    words, usernames = _listed(known.get("--words", "")), _listed(known.get("--accounts", ""))
    answers = Answers(
        title=known["--title"].strip(),
        start=known.get("--from", "2026-01-01").strip(),
        end=known.get("--to", "").strip(),
        keywords=[word for word in words if not word.startswith("#")],
        hashtags=[word.removeprefix("#") for word in words if word.startswith("#")],
        usernames=usernames,
        regions=[country.upper() for country in _listed(known.get("--countries", ""))],
        comments=known.get("--comments", "yes").strip().lower() in _YES,
        name=_name([*words, *usernames]),
    )
    return answers if words or usernames else replace(answers, keywords=["any"])


def _listed(text: str) -> list[str]:
    return [value.strip() for value in text.split(",") if value.strip()]


def _name(values: Sequence[str]) -> str:
    """A name for the search, made of the first word or account; it is not the name of one-off collections."""
    words = re.findall("[a-z0-9]+", values[0].lower()) if values else []
    name = "_".join(words)[:40].strip("_0123456789")
    return name if name not in {"", ONCE} else "search"
