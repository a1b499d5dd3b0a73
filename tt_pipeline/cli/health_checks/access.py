"""What may be asked of whom: the study, the source, the credentials, and the server itself where that is wanted."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Final

from tt_pipeline.cli.health_checks.finding import Finding, note, ok, wrong
from tt_pipeline.clock import Clock
from tt_pipeline.coverage.source import check_source, source_of
from tt_pipeline.errors import ForeignDataDir, SettingsError, TtPipelineError
from tt_pipeline.research_api.auth import Credentials
from tt_pipeline.research_api.probe import probe_server
from tt_pipeline.settings import Settings, is_loopback
from tt_pipeline.studies import read_study

_MOST_SKEW: Final = timedelta(seconds=60)
_OTHERS: Final = 0o077


def look_at_study(settings: Settings) -> Finding:
    """It can be read, and says what it needs to."""
    try:
        study = read_study(settings.study_file)
    except (TtPipelineError, OSError) as error:
        return wrong("study", f"{error}")
    told = f"{study.file}: {len(study.searches)} searches from {study.first_day} to {study.last_day or 'now'}"
    if not study.quota.confirmed and not is_loopback(settings.api_base_url):
        return note("study", f"{told}; nothing is sent before it says `quota: {{confirmed: true}}` (`tt plan`).")
    return ok("study", told)


def look_at_source(settings: Settings, *, online: bool) -> Finding:
    """The data dir is the server's, or nobody's yet; who only reads asks no server."""
    try:
        check_source(settings.files, settings.api_base_url)
    except ForeignDataDir as error:
        if _only_reads(settings) and not online:
            told = f"it holds answers of {error.belongs_to}, and TT_API_BASE_URL says {error.asked}"
            return note("source", f"{told}: nothing can be collected here, and reading asks neither.")
        return wrong("source", f"{error}")
    except (OSError, ValueError, KeyError) as error:
        return wrong("source", f"{error}")
    is_new = source_of(settings.files) is None
    return ok("source", f"{settings.api_base_url}{', which has not answered yet' if is_new else ''}")


def _only_reads(settings: Settings) -> bool:
    """Whether neither key nor secret is set: an analyst's machine, or a demonstration that has ended."""
    return not (settings.client_key.get_secret_value().strip() or settings.client_secret.get_secret_value().strip())


def look_at_credentials(settings: Settings, env_file: Path, *, online: bool) -> Finding:
    """Key and secret are there, and nobody else can read them."""
    if _only_reads(settings) and not online:
        told = "no key is set: nothing can be collected here, and reading needs none. To collect, put TT_CLIENT_KEY and"
        return note("credentials", f"{told} TT_CLIENT_SECRET into .env (`tt init` makes one).")
    try:
        settings.credentials()
    except SettingsError as error:
        return wrong("credentials", f"{error}")
    if env_file.exists() and env_file.stat().st_mode & _OTHERS:
        return wrong("credentials", f"{env_file} can be read by others on this machine: `chmod 600 {env_file}`.")
    return ok("credentials", "TT_CLIENT_KEY and TT_CLIENT_SECRET are set")


def look_online(settings: Settings, clock: Clock) -> Iterator[Finding]:
    """One token request: whether the server accepts the credentials, and whether the clocks agree."""
    try:
        key, secret = settings.credentials()
    except SettingsError:
        return  # a finding of its own
    credentials = Credentials(client_key=key, client_secret=secret.get_secret_value())
    try:
        greeting = probe_server(credentials, base_url=settings.api_base_url, clock=clock)
    except TtPipelineError as error:
        yield wrong("server", f"{error}")
        return
    yield ok("server", f"{settings.api_base_url} accepts the credentials")
    yield look_at_skew(greeting.ahead)


def look_at_skew(ahead: timedelta | None) -> Finding:
    """This machine's clock is the server's, nearly: quota days turn at the server's midnight."""
    if ahead is None:
        return note("clock", "the server does not tell its time")
    seconds = round(ahead.total_seconds())
    if abs(ahead) > _MOST_SKEW:
        side = "ahead of" if seconds > 0 else "behind"
        return wrong("clock", f"this machine is {abs(seconds):,} s {side} the server: set its clock by NTP.")
    return ok("clock", f"agrees with the server's to {abs(seconds)} s")
