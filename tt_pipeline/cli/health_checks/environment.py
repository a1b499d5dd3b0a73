"""Checks of this machine and the settings: Python, data dir, disk, study, source, credentials, and the server."""

import os
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import Final

from tt_pipeline.cli.health_checks import Finding, note, ok, wrong
from tt_pipeline.clock import Clock
from tt_pipeline.counted import counted
from tt_pipeline.coverage import check_source, source_of
from tt_pipeline.data_dir import DataDir
from tt_pipeline.errors import ForeignDataDir, NetworkFolder, SettingsError, SourceUnknown, TtPipelineError
from tt_pipeline.file_modes import areas
from tt_pipeline.research_api import Credentials, check_network, probe_server, used_variables
from tt_pipeline.settings import Settings, check_folders, credentials_source, is_loopback, proxy_of, without_credentials
from tt_pipeline.studies import read_study
from tt_pipeline.warehouse import VERSION

_GIB: Final = 1024**3
_MOST_SKEW: Final = timedelta(seconds=60)
_OTHERS: Final = 0o077


def show_versions(python: Sequence[int]) -> Finding:
    """The versions of Python and tt_pipeline; an older Python than it needs cannot import it."""
    return ok("python", f"{'.'.join(map(str, python))}, tt_pipeline {VERSION}")


def check_data_dir(settings: Settings) -> Finding:
    """Whether the data dir, and what a collection writes in it, can be written or created."""
    folder, files = settings.data_dir, settings.files
    try:
        check_folders(settings)
    except (NetworkFolder, SettingsError) as error:
        return wrong("data dir", f"{error}")
    existing = _nearest(folder)
    ledgers = [settings.ledger_file] if settings.ledger_file else []
    databases = [*ledgers, files.landing / "index.sqlite", files.writer]
    written = [path for path in (files.internal, files.landing, files.dagster, *databases) if path.exists()]
    try:
        for place in (existing, *filter(Path.is_dir, written)):
            with tempfile.TemporaryFile(dir=place):
                pass
    except OSError as error:
        return wrong("data dir", _not_writable(folder, str(error.strerror)))
    if read_only := [path for path in written if not os.access(path, os.W_OK)]:
        return wrong("data dir", _not_writable(folder, f"{read_only[0]} is read-only"))
    return ok("data dir", f"{folder.resolve()}" if existing == folder else f"{folder} does not exist yet")


def _not_writable(folder: Path, problem: str) -> str:
    if not folder.is_dir():
        return f"{folder} cannot be written: {problem}. Set TT_DATA_DIR to a folder of yours."
    return (
        f"{folder} cannot be written: {problem}. Its files are unchanged, and the published warehouse can be read. "
        f"To collect, become the owner (`sudo chown -R $USER {folder}`), or mount the folder writable."
    )


def check_disk(free: int, needed: int) -> Finding:
    """Whether enough is free for one more publication and a day of pages."""
    message = f"{free / _GIB:,.1f} GiB are free"
    if free < needed:
        return wrong("disk", f"{message}, and {needed / _GIB:,.1f} are needed: make room, or move the data dir.")
    return ok("disk", message)


def free_bytes(settings: Settings) -> int:
    """Free bytes on the disk of the data dir, which need not exist yet."""
    return shutil.disk_usage(_nearest(settings.data_dir)).free


def _nearest(folder: Path) -> Path:
    """The folder, or the nearest one above it that exists."""
    return next((place for place in (folder, *folder.absolute().parents) if place.exists()), folder)


def check_study(settings: Settings) -> Finding:
    """Whether the study can be read and allows requests."""
    try:
        study = read_study(settings.study_file)
    except (TtPipelineError, OSError) as error:
        return wrong("study", f"{error}")
    summary = (
        f"{study.file}: {counted(len(study.searches), 'search')} from {study.first_day} to {study.last_day or 'now'}"
    )
    if not study.quota.confirmed and not (is_loopback(settings.api_base_url) or is_simulated(settings.files)):
        return note("study", f"{summary}; nothing is sent before it says `quota: {{confirmed: true}}` (`tt plan`).")
    return ok("study", summary)


def is_simulated(files: DataDir) -> bool:
    """Whether the data dir has answers of a simulator, which concern nobody and cost nothing."""
    with suppress(SourceUnknown):  # another finding
        return is_loopback(source_of(files) or "")
    return False


def check_data_source(settings: Settings, *, online: bool) -> Finding:
    """Whether the data dir has pages of the server in the settings, or none yet."""
    try:
        check_source(settings.files, settings.api_base_url)
    except ForeignDataDir as error:
        if _only_reads(settings) and not online:
            what = "invented answers of a simulator" if is_simulated(settings.files) else "answers"
            source = f"the data dir has {what} ({error.belongs_to}), and TT_API_BASE_URL is {error.configured}"
            return note("source", f"{source}. Nothing can be collected here; reading works.")
        return wrong("source", f"{error}")
    except SourceUnknown as error:
        return wrong("source", f"{error}")
    is_new = source_of(settings.files) is None
    return ok("source", f"{settings.api_base_url}{', from which nothing has landed yet' if is_new else ''}")


def _only_reads(settings: Settings) -> bool:
    """Whether neither key nor secret is set, as on an analyst's machine or after a demonstration."""
    return not (settings.client_key.get_secret_value().strip() or settings.client_secret.get_secret_value().strip())


def check_credentials(settings: Settings, env_file: Path, *, online: bool) -> Finding:
    """Whether key and secret are set, and whether other users can read them."""
    if _only_reads(settings) and not online:
        if is_simulated(settings.files):
            return ok("credentials", "no key is set, and reading the data of a simulator needs none")
        no_key = "no key is set. Nothing can be collected here; reading needs no key. To collect, put TT_CLIENT_KEY and"
        return note("credentials", f"{no_key} TT_CLIENT_SECRET into .env (`tt init` makes one).")
    try:
        settings.credentials()
    except SettingsError as error:
        return wrong("credentials", f"{error}")
    if env_file.exists() and env_file.stat().st_mode & _OTHERS:
        return wrong("credentials", f"{env_file} can be read by others on this machine: `chmod 600 {env_file}`.")
    return ok("credentials", "TT_CLIENT_KEY and TT_CLIENT_SECRET are set")


def check_modes(settings: Settings) -> Finding:
    """Whether only the owner, and the group of TT_SHARE_GROUP, can read the data dir."""
    files = settings.files
    if not files.root.is_dir():
        return ok("file modes", "not checked, because the data dir does not exist yet")
    if files.root.stat().st_uid != os.geteuid():
        return ok("file modes", "not checked, because the data dir is not yours")
    found = {area: list(area.misfits()) for area in areas(files)}
    wide = [path for paths in found.values() for path in paths]
    if wide:
        remedies = "; ".join(f"`{area.remedy()}`" for area, paths in found.items() if paths)
        return wrong(
            "file modes",
            f"{counted(len(wide), 'path', 'have')} other readers than intended, {wide[0]} first: {remedies}.",
        )
    readers = f"you and the group {files.share_group}" if files.share_group else "you"
    return ok("file modes", f"only {readers} can read the data dir")


def check_proxies(settings: Settings) -> Finding:
    """Whether the proxies and certificates that the environment names can be used for the server."""
    url = settings.api_base_url
    try:
        check_network(url)
    except SettingsError as error:
        return wrong("network", f"{error}")
    proxy = proxy_of(url)
    reached = f"{url} is reached {f'through the proxy {proxy}' if proxy else 'without a proxy'}"
    used = [f"{name} is {without_credentials(value)!r}" for name, value in sorted(used_variables(url).items())]
    return ok("network", "; ".join([reached, *used]))


def check_server(settings: Settings, clock: Clock) -> Iterator[Finding]:
    """Request one token: whether the server accepts the credentials, and whether its clock agrees with ours."""
    try:
        key, secret = settings.credentials()
    except SettingsError:
        return  # `check_credentials` reports it
    credentials = Credentials(client_key=key, client_secret=secret.get_secret_value(), source=credentials_source())
    try:
        probe = probe_server(credentials, base_url=settings.api_base_url, clock=clock)
    except TtPipelineError as error:
        yield wrong("server", f"{error}")
        return
    yield ok("server", f"{settings.api_base_url} accepts the credentials")
    yield check_clock(probe.ahead)


def check_clock(ahead: timedelta | None) -> Finding:
    """Whether this machine's clock agrees with the server's, at whose midnight a quota day ends."""
    if ahead is None:
        return note("clock", "the server's answer has no time")
    seconds = round(ahead.total_seconds())
    if abs(ahead) > _MOST_SKEW:
        side = "ahead of" if seconds > 0 else "behind"
        return wrong("clock", f"this machine is {abs(seconds):,} s {side} the server: set its clock by NTP.")
    return ok("clock", f"within {abs(seconds)} s of the server's")
