"""Tells troubles to a webhook or a command, each once until it is over, and then that it is over.

What was told is in a small file of the data dir. A target that does not answer delays nobody for more than a few
seconds and is tried again at the next occasion.
"""

import json
import logging
import shlex
import subprocess
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import httpx

from tt_pipeline.alerts.looking import Trouble
from tt_pipeline.errors import StorageFailed
from tt_pipeline.safe_files import lease_if_free, write_whole
from tt_pipeline.settings import Settings, without_credentials
from tt_pipeline.vocabulary import AlertKind

log = logging.getLogger(__name__)

_WEBHOOK_S: Final = 5
_COMMAND_S: Final = 10
_WELL_AGAIN: Final[Mapping[AlertKind, str]] = {
    AlertKind.RUN_FAILED: "no asset's latest run has failed.",
    AlertKind.PUBLICATION_FAILED: "the warehouse was published.",
    AlertKind.CODE_LOCATION_BROKEN: "Dagster has loaded the definitions, and runs start.",
    AlertKind.STUDY_BROKEN: "the study can be read, and runs start.",
    AlertKind.QUOTA_GONE_BY_NOON: "there is quota, or it is past noon UTC.",
    AlertKind.SILENT_DAY: "no search has a day without the videos that others suggest.",
    AlertKind.DISK_LOW: "the disk has room for loading and publishing.",
    AlertKind.NO_RUN_FOR_A_DAY: "requests are sent, or nothing is due.",
    AlertKind.PRICE_TO_CONFIRM: "no day waits for somebody to agree to its price.",
    AlertKind.CHECKS_OVERDUE: "no check of what is stored is overdue.",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What happened with one target.

    Attributes:
        target: The webhook's host or the command's first word; never the whole address, which may be secret.
        problem: Why it was not told; None if it was.
    """

    target: str
    problem: str | None


def tell(
    settings: Settings, title: str, found: Iterable[Trouble], at: datetime, *, judged: Collection[AlertKind]
) -> None:
    """Tell each trouble that is new, and each that is over.

    Args:
        settings: The targets; without one nothing happens.
        title: The title of the study.
        found: All present troubles.
        at: This instant.
        judged: The kinds that were looked for. A trouble of another kind is not over, because nobody knows.
    """
    if not _targets(settings) or not settings.files.internal.exists():
        return
    with suppress(StorageFailed), lease_if_free(settings.files.internal / "alerts.lock") as is_free:
        if is_free:
            present = {trouble.kind.value: trouble.says for trouble in found}
            _tell_news(settings, title, present, at, {kind.value for kind in judged})


def tell_test(settings: Settings, title: str, at: datetime) -> list[Told]:
    """Send a test message to every target."""
    message = _message(title, "test", "This is a test: alerts of this study arrive here.", at, is_over=False)
    return [Told(target=name, problem=send(message)) for name, send in _targets(settings)]


def _tell_news(
    settings: Settings, title: str, present: Mapping[str, str], at: datetime, judged: Collection[str]
) -> None:
    file = settings.files.internal / "alerts.json"
    told = _read(file)
    remembered = dict(told)
    for kind, says, is_over in _news(told, present, judged):
        message = _message(title, kind, says, at, is_over=is_over)
        problems = [(name, send(message)) for name, send in _targets(settings)]
        for name, problem in problems:
            if problem:
                log.warning("alert %s was not told to %s: %s; it is tried again", kind, name, problem)
        if any(problem is None for _, problem in problems):
            remembered = {**remembered, kind: says}
            if is_over:
                del remembered[kind]
    if remembered != told:
        write_whole(file, json.dumps(remembered, indent=1) + "\n")


def _news(
    told: Mapping[str, str], present: Mapping[str, str], judged: Collection[str]
) -> Iterator[tuple[str, str, bool]]:
    """Kind, sentence, and whether it is over."""
    yield from ((kind, says, False) for kind, says in present.items() if kind not in told)
    over = [AlertKind(kind) for kind in told if kind in judged and kind not in present]
    yield from ((kind.value, f"Well again: {_WELL_AGAIN[kind]}", True) for kind in over)


def _read(file: Path) -> dict[str, str]:
    try:
        found = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return {str(kind): str(says) for kind, says in found.items()} if isinstance(found, dict) else {}


def _message(title: str, kind: str, says: str, at: datetime, *, is_over: bool) -> dict[str, Any]:
    return {
        "study": title,
        "alert": kind,
        "is_over": is_over,
        "at": at.isoformat(timespec="seconds"),
        "says": says,
        "text": f"{title}: {says}",  # the key that chat programs show
    }


def _targets(settings: Settings) -> list[tuple[str, Any]]:
    targets: list[tuple[str, Any]] = []
    if address := settings.alert_webhook.get_secret_value():
        host = httpx.URL(without_credentials(address)).host
        targets.append((host, lambda message: _post(address, message)))
    if command := settings.alert_command:
        targets.append((shlex.split(command)[0], lambda message: _run(command, message)))
    return targets


def _post(address: str, message: Mapping[str, Any]) -> str | None:
    """Why a webhook was not told; None if it was."""
    try:
        answer = httpx.post(address, json=message, timeout=_WEBHOOK_S)
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        return f"it does not answer ({type(error).__name__})"
    return None if answer.is_success else f"it answered with status {answer.status_code}"


def _run(command: str, message: Mapping[str, Any]) -> str | None:
    """Why a command was not told; None if it was."""
    try:
        ended = subprocess.run(  # noqa: S603 — the owner of the data dir names the command
            shlex.split(command),
            input=json.dumps(message, ensure_ascii=False),
            capture_output=True,
            text=True,
            timeout=_COMMAND_S,
            check=False,
        )
    except OSError as error:
        return f"it cannot be run ({error.strerror})"
    except subprocess.TimeoutExpired:
        return f"it did not end within {_COMMAND_S} seconds"
    return None if ended.returncode == 0 else f"it ended with exit code {ended.returncode}"
