"""The settings from the environment and `.env`, read once; no other module reads the environment."""

import grp
import os
import re
import shlex
import stat
from collections.abc import Callable
from contextlib import suppress
from difflib import get_close_matches
from ipaddress import ip_address
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError, field_validator

from tt_pipeline.clock import Clock, ShiftedClock, clock_from
from tt_pipeline.codebook.endpoints import BASE_URL
from tt_pipeline.codebook.limits import ANSWER_SECONDS, MAX_ANSWER_BYTES
from tt_pipeline.data_dir import DataDir
from tt_pipeline.env_file import PREFIX, read_env_file
from tt_pipeline.errors import SettingsError
from tt_pipeline.local_disk import check_is_local
from tt_pipeline.postgres import PostgresUrl
from tt_pipeline.publish_address import PublishAddress, TargetKind
from tt_pipeline.safe_files import printable

# DuckDB puts the name of its log before a "?". Dagster makes URLs, in which "%25" is "%". Neither opens a path that is
# not UTF-8.
_NOT_IN_A_PATH = re.compile("[?]|%[0-9a-fA-F]{2}|[\x00-\x1f\x7f\ud800-\udfff]")
_LABEL: Final = "[a-z0-9_][a-z0-9_-]{0,62}"
# A name of at most 253 characters, or an IPv6 address in brackets.
_HOST: Final = rf"((?=[^:]{{1,253}}(:|$)){_LABEL}(\.{_LABEL})*\.?|\[[0-9a-f:.]+\])"
_BUCKET: Final = r"s3://[a-z0-9][a-z0-9.-]{1,61}[a-z0-9](/[A-Za-z0-9_-][A-Za-z0-9._-]*)*/?"
_PROXIES: Final = frozenset({"http_proxy", "https_proxy", "all_proxy", "no_proxy"})
_NEAR: Final = 0.7
"""Python's 0.6 would suggest TT_UI_HOSTS for TT_QUOTA."""
_OF_BUCKETS: Final = (
    *("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"),
    *("AWS_REGION", "AWS_ENDPOINT_URL"),
)
_CERTIFICATES: Final = frozenset({"SSL_CERT_FILE", "SSL_CERT_DIR", "SSLKEYLOGFILE"})


_SECRETS: Final = frozenset(
    {
        *("TT_CLIENT_KEY", "TT_CLIENT_SECRET", "TT_ALERT_WEBHOOK", "TT_ALERT_COMMAND"),
        *("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"),
    }
)


class Settings(BaseModel):
    """The settings that docs/settings.md lists; `read_settings` reads them."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    api_base_url: str = BASE_URL
    client_key: SecretStr = SecretStr("")
    client_secret: SecretStr = SecretStr("")
    data_dir: Path = Path("data")
    study: Path | None = None
    ledger: Path | PostgresUrl | None = None
    key_file: Path | None = None
    tombstones: Path | None = None
    publish: PublishAddress | None = None
    publish_data: str = ""
    clock: str = "system"
    max_answer_bytes: int = Field(default=MAX_ANSWER_BYTES, ge=64 * 1024, le=64 * 1024 * 1024)
    answer_seconds: float = Field(default=ANSWER_SECONDS, ge=1, le=3_600)
    share_group: str = ""
    ui_hosts: str = ""
    allow_http_host: str = ""
    alert_webhook: SecretStr = SecretStr("")
    alert_command: str = ""
    retention_days: int = Field(default=30, ge=0, le=36500)
    dagster_home: Path | None = None
    landing: str = ""
    aws_access_key_id: SecretStr = SecretStr("")
    aws_secret_access_key: SecretStr = SecretStr("")
    aws_session_token: SecretStr = SecretStr("")
    aws_region: str = ""
    aws_endpoint_url: str = ""

    @field_validator("ledger", mode="before")
    @classmethod
    def _is_a_file_or_a_database(cls, place: object) -> object:
        return (PostgresUrl.read(place) if isinstance(place, str) else None) or place

    @field_validator("publish", mode="before")
    @classmethod
    def _is_a_target(cls, place: object) -> object:
        return PublishAddress.read(place) if isinstance(place, str) else place

    @field_validator("data_dir", "study", "ledger", "key_file", "tombstones")
    @classmethod
    def _from_home(cls, path: Path | PostgresUrl | None) -> Path | PostgresUrl | None:
        """A path may start with ~; a shell expands it, but `.env` and service files do not."""
        try:
            return path.expanduser() if isinstance(path, Path) else path
        except RuntimeError:
            raise ValueError("no home folder is known for this ~") from None

    @field_validator("client_key", "client_secret")
    @classmethod
    def _without_blanks(cls, secret: SecretStr) -> SecretStr:
        # A blank or a line end comes along when people copy from a web page.
        return SecretStr(secret.get_secret_value().strip())

    @field_validator("alert_webhook")
    @classmethod
    def _is_a_web_address(cls, address: SecretStr) -> SecretStr:
        text = address.get_secret_value().strip()
        if text and not re.fullmatch(r"https?://[^\s/]+(/\S*)?", text):
            raise ValueError("it is no web address; write all of it, with https://")
        return SecretStr(text)

    @field_validator("landing")
    @classmethod
    def _is_a_bucket(cls, place: str) -> str:
        if place and not re.fullmatch(_BUCKET, place):
            raise ValueError("it is not the address of a bucket; write s3://bucket or s3://bucket/prefix")
        return place.rstrip("/")

    @field_validator("alert_command")
    @classmethod
    def _is_a_command(cls, command: str) -> str:
        try:
            shlex.split(command)
        except ValueError as error:
            raise ValueError(f"{command!r} is no command ({error})") from None
        return command.strip()

    @field_validator("ui_hosts")
    @classmethod
    def _are_hosts(cls, hosts: str) -> str:
        for host in _listed(hosts):
            if not re.fullmatch(_HOST, host):
                raise ValueError(f"{host!r} is not the name of a host; write names without scheme, port and *")
        return hosts

    @property
    def ui_host_names(self) -> frozenset[str]:
        """The hosts under which a reverse proxy shows the UI, in lower case."""
        return frozenset(_listed(self.ui_hosts))

    @property
    def files(self) -> DataDir:
        """The paths below the data dir."""
        return DataDir(self.data_dir, share_group=self.share_group or None)

    @property
    def study_file(self) -> Path:
        """The study file: TT_STUDY, or study.yaml in the data dir."""
        return self.study or self.data_dir / "study.yaml"

    @property
    def ledger_place(self) -> Path | PostgresUrl:
        """The quota ledger, a file or a database; several studies on one client key can share one."""
        return self.ledger or self.files.internal / "ledger.sqlite"

    @property
    def ledger_file(self) -> Path | None:
        """The file of the quota ledger; None if it is a database."""
        return self.ledger_place if isinstance(self.ledger_place, Path) else None

    @property
    def ledger_url(self) -> str:
        """The address of the ledger's database, with its password; "" if it is a file."""
        return self.ledger_place.url if isinstance(self.ledger_place, PostgresUrl) else ""

    @property
    def publish_target(self) -> PublishAddress | None:
        """Where a copy of the published file goes; None for nowhere."""
        return self.publish.with_data(self.publish_data) if self.publish else None

    @property
    def secret_variables(self) -> frozenset[str]:
        """Variables whose values are never printed; a command and an address may contain a password."""
        publish = {"TT_PUBLISH"} if self.publish and self.publish.has_password else set[str]()
        return _SECRETS | publish | ({"TT_LEDGER"} if self.ledger_url else set[str]())

    def as_environment(self) -> dict[str, str]:
        """The same settings as environment variables for another process; paths are absolute."""
        return {
            "TT_API_BASE_URL": self.api_base_url,
            "TT_CLIENT_KEY": self.client_key.get_secret_value(),
            "TT_CLIENT_SECRET": self.client_secret.get_secret_value(),
            "TT_DATA_DIR": str(self.data_dir.resolve()),
            "TT_STUDY": str(self.study_file.resolve()),
            "TT_LEDGER": str(self.ledger_file.resolve()) if self.ledger_file else self.ledger_url,
            "TT_KEY_FILE": str(self.key_file.resolve()) if self.key_file else "",
            "TT_TOMBSTONES": str(self.tombstones.resolve()) if self.tombstones else "",
            "TT_PUBLISH": self.publish.setting if self.publish else "",
            "TT_PUBLISH_DATA": self.publish_target.data if self.publish_target else "",
            "TT_CLOCK": self.clock,
            "TT_MAX_ANSWER_BYTES": str(self.max_answer_bytes),
            "TT_ANSWER_SECONDS": str(self.answer_seconds),
            "TT_SHARE_GROUP": self.share_group,
            "TT_UI_HOSTS": self.ui_hosts,
            "TT_ALLOW_HTTP_HOST": self.allow_http_host,
            "TT_ALERT_WEBHOOK": self.alert_webhook.get_secret_value(),
            "TT_ALERT_COMMAND": self.alert_command,
            "TT_RETENTION_DAYS": f"{self.retention_days}",
            "DAGSTER_HOME": str(self.dagster_home or ""),
            "TT_LANDING": self.landing,
            "AWS_ACCESS_KEY_ID": self.aws_access_key_id.get_secret_value(),
            "AWS_SECRET_ACCESS_KEY": self.aws_secret_access_key.get_secret_value(),
            "AWS_SESSION_TOKEN": self.aws_session_token.get_secret_value(),
            "AWS_REGION": self.aws_region,
            "AWS_ENDPOINT_URL": self.aws_endpoint_url,
        }

    def open_clock(self) -> Clock:
        """The clock of this process; processes that it starts get the same shifted clock.

        Raises:
            SettingsError: TT_CLOCK cannot be read.
        """
        clock = clock_from(self.clock)
        if isinstance(clock, ShiftedClock):
            os.environ["TT_CLOCK"] = str(clock)  # noqa: TID251 — the environment belongs to this module
        return clock

    def credentials(self) -> tuple[str, SecretStr]:
        """Client key and secret.

        Raises:
            SettingsError: One is missing; the message says which one, and where to set it.
        """
        for variable, value in (("TT_CLIENT_KEY", self.client_key), ("TT_CLIENT_SECRET", self.client_secret)):
            if not value.get_secret_value():
                raise SettingsError(
                    variable,
                    "is not set",
                    remedy=f"Write it into {Path('.env').resolve()} (`tt init` makes that file) or into the "
                    "environment; for the simulator, use sim-key and sim-secret.",
                )
        return self.client_key.get_secret_value(), self.client_secret


_OF_OTHERS: Final = ("dagster_", "aws_")
VARIABLES: Final = {
    field: field.upper() if field.startswith(_OF_OTHERS) else f"{PREFIX}{field.upper()}"
    for field in Settings.model_fields
}
"""The variable of each field of the settings."""


def read_settings(**overrides: object) -> Settings:
    """Read the environment and `.env` in this folder; the environment comes first.

    A variable without a value counts as absent, because shells and compose files leave such variables behind.

    Raises:
        SettingsError: A value is invalid, or a variable that starts with TT_ is not a setting; secrets are not shown.
    """
    try:
        settings = Settings.model_validate({**_written_settings(), **overrides})
    except ValidationError as error:
        first = error.errors(include_input=False)[0]
        says = first["msg"].removeprefix("Value error, ")
        name = VARIABLES[str(first["loc"][0])]
        raise SettingsError(name, f"cannot be used: {says}", remedy="See docs/settings.md.") from None
    base_url = settings.api_base_url.strip().rstrip("/")
    if problem := _url_problem(base_url):
        shown = without_credentials(settings.api_base_url)
        raise SettingsError("TT_API_BASE_URL", f"is {shown!r}, which {problem}", remedy=_url_remedy(base_url))
    problem = "which would send key, secret and token unencrypted over the network"
    _check_is_encrypted("TT_API_BASE_URL", base_url, settings.allow_http_host, problem)
    if settings.landing:
        _check_endpoint(settings)
    _check_share_group(settings.share_group)
    _check_paths(settings)
    _check_publish(settings)
    # The anchor is fixed here, so that every clock opened later, in any process, shows the same time.
    clock = settings.open_clock()
    anchored = str(clock) if isinstance(clock, ShiftedClock) else settings.clock
    return settings.model_copy(update={"api_base_url": base_url, "clock": anchored})


def _url_problem(url: str, *, secrets: str = "TT_CLIENT_KEY and TT_CLIENT_SECRET") -> str | None:
    """What is wrong with the base URL of a server; None when nothing is. `secrets`: where its credentials belong."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        return "is not a URL"
    is_host = bool(re.fullmatch(f"{_HOST}(:[0-9]*)?", parts.netloc.lower()))
    if "[" in parts.netloc and not is_host:  # newer Pythons refuse most of these themselves
        return "is not a URL"
    is_plain = url.isascii() and url.isprintable() and is_host
    problems = {
        "does not start with https:// or http://": parts.scheme not in {"http", "https"},
        f"contains a user name; credentials belong into {secrets}": "@" in parts.netloc,
        "has no usable host or port": not host or port == 0,
        "has more than a host": bool(parts.path) or not set(url).isdisjoint("?#"),
        "has a host with other characters than a-z, 0-9, dots and hyphens": not is_plain,
    }
    return next((problem for problem, is_found in problems.items() if is_found), None)


def _url_remedy(url: str) -> str:
    """What to write instead: the same with a scheme if only that is missing."""
    if not re.match("https?:|.*://", url) and not _url_problem(f"https://{url}"):
        return f"Write {'http' if is_loopback(f'//{url}') else 'https'}://{url}."
    return "Write the scheme, the host and perhaps a port, for example https://open.tiktokapis.com."


def _check_endpoint(settings: Settings) -> None:
    """Refuse an address of object storage that is none, or to which stored answers would go unencrypted.

    Raises:
        SettingsError: AWS_ENDPOINT_URL cannot be used.
    """
    endpoint = settings.aws_endpoint_url
    if not endpoint:
        return
    secrets = "AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY"
    if problem := _url_problem(endpoint.rstrip("/"), secrets=secrets):
        shown = without_credentials(endpoint)
        raise SettingsError("AWS_ENDPOINT_URL", f"is {shown!r}, which {problem}", remedy="Write scheme, host and port.")
    problem = "which would send stored answers unencrypted over the network"
    _check_is_encrypted("AWS_ENDPOINT_URL", endpoint, settings.allow_http_host, problem)


def _check_is_encrypted(variable: str, url: str, allowed_host: str, problem: str) -> None:
    """Refuse to send secrets or answers unencrypted over a network.

    Raises:
        SettingsError: The URL is http:// to another machine than this one, and that host is not allowed.
    """
    parts = urlsplit(url)
    host = parts.hostname or ""
    if parts.scheme == "http" and not is_loopback(url) and host != allowed_host.strip().strip("[]").lower():
        raise SettingsError(
            variable,
            f"is {url!r}, {problem}",
            remedy=f"Write https://, or set TT_ALLOW_HTTP_HOST={host} if you trust every machine on the way.",
        )


def _check_share_group(group: str) -> None:
    """Refuse a group to which this user cannot give files.

    Raises:
        SettingsError: It does not exist, or this user is not in it.
    """
    if not group:
        return
    remedy = "Name a group of yours (`id -Gn` lists them), or unset it: then only you can read the data."
    try:
        gid = grp.getgrnam(group).gr_gid
    except (KeyError, ValueError):
        raise SettingsError("TT_SHARE_GROUP", f"is {group!r}, which is not a group here", remedy=remedy) from None
    if gid not in {os.getegid(), *os.getgroups()}:
        raise SettingsError("TT_SHARE_GROUP", f"is {group!r}, a group in which you are not", remedy=remedy)


def _listed(text: str) -> list[str]:
    """The values of a list with commas, in lower case."""
    return [value.strip().lower() for value in text.split(",") if value.strip()]


def without_credentials(url: str) -> str:
    """The URL, with … instead of a user name and password that it may contain."""
    return re.sub("^([a-z0-9+.-]*://)?.*@", r"\1…@", url, flags=re.IGNORECASE | re.DOTALL)


def _check_paths(settings: Settings) -> None:
    """Refuse paths at which no file can ever be.

    Raises:
        SettingsError: A path is below a file, too long, not accessible, or of another kind than expected.
    """
    _check_path("TT_DATA_DIR", settings.data_dir, "a folder", stat.S_ISDIR)
    files = {
        "TT_STUDY": settings.study,
        "TT_LEDGER": settings.ledger_file if settings.ledger else None,
        "TT_KEY_FILE": settings.key_file,
        "TT_TOMBSTONES": settings.tombstones,
    }
    for variable, file in files.items():
        if file is not None:
            _check_path(variable, file, "a file", stat.S_ISREG)
    if settings.tombstones and settings.tombstones.resolve().is_relative_to(settings.data_dir.resolve()):
        raise SettingsError(
            "TT_TOMBSTONES",
            f"is {str(settings.tombstones)!r}, which is in the data dir that it must outlive",
            remedy="Name a file elsewhere, best on another disk.",
        )


def _check_publish(settings: Settings) -> None:
    """Refuse a target that could not be told from the data dir, or whose data has no place.

    Raises:
        SettingsError: It is in the data dir, or TT_PUBLISH_DATA is missing or too much.
    """
    target = settings.publish_target
    is_lake = target is not None and target.kind is TargetKind.DUCKLAKE
    if settings.publish_data and not is_lake:
        problem = "is set, and TT_PUBLISH is not a ducklake: address"
        raise SettingsError("TT_PUBLISH_DATA", problem, remedy="Correct TT_PUBLISH, or unset TT_PUBLISH_DATA.")
    if target is None:
        return
    if target.is_in_postgres and not target.data:
        remedy = "Set TT_PUBLISH_DATA to a folder or to s3://bucket/prefix."
        raise SettingsError("TT_PUBLISH", "names a catalog in Postgres, and no place for its data", remedy=remedy)
    for path in target.local_paths:
        if path.resolve().is_relative_to(settings.data_dir.resolve()):
            raise SettingsError(
                "TT_PUBLISH_DATA" if f"{path}" == target.data else "TT_PUBLISH",
                f"leads to {printable(f'{path}')}, which is in the data dir",
                remedy="The published file is there already: name a place elsewhere.",
            )


def _check_path(variable: str, path: Path, kind: str, is_kind: Callable[[int], bool]) -> None:
    problem = None
    try:
        if not is_kind(path.stat().st_mode):
            problem = f"which is not {kind}"
    except FileNotFoundError:
        if path.is_symlink():
            problem = "a link that leads nowhere"
    except OSError as error:
        problem = f"which cannot be used: {error.strerror}"
    except ValueError:
        problem = "which contains a null byte"
    if problem:
        raise SettingsError(variable, f"is {str(path)!r}, {problem}", remedy=f"Name {kind} of yours.")


def _written_settings() -> dict[str, str]:
    """The values of environment and `.env`, by the name of their field.

    Raises:
        SettingsError: A variable that starts with TT_ is not a setting.
    """
    lines = read_env_file(Path(".env"))
    found = {name.upper(): value for name, value in os.environ.items() if value}  # noqa: TID251 — the one place
    for name in sorted(name for name in found if name.startswith(PREFIX)):
        _check_is_setting(name, name, remedy="Correct or unset the variable")
    for name, line in lines.items():
        if name.startswith(PREFIX):
            _check_is_setting(name, f"{line.place}: {name}", remedy="Correct or delete the line")
    values = {name: line.value for name, line in lines.items() if line.value} | found
    return {field: values[variable] for field, variable in VARIABLES.items() if variable in values}


def credentials_source() -> str:
    """Where key and secret come from: the environment comes before `.env`."""
    found = {name.upper() for name, value in os.environ.items() if value}  # noqa: TID251 — the one place
    names = (VARIABLES["client_key"], VARIABLES["client_secret"])
    places = ["the environment" if name in found else f"{Path('.env').resolve()}" for name in names]
    if places[0] == places[1]:
        return f"{' and '.join(names)} in {places[0]}"
    return " and ".join(f"{name} in {place}" for name, place in zip(names, places, strict=True))


def _check_is_setting(name: str, shown: str, *, remedy: str) -> None:
    known = [variable for variable in VARIABLES.values() if variable.startswith(PREFIX)]
    if name not in known:
        near = get_close_matches(name, known, n=1, cutoff=_NEAR)
        hint = f"Did you mean {near[0]}?" if near else f"The settings are {', '.join(known)}."
        says = f"{hint} {remedy}; nothing was sent or changed."
        raise SettingsError(shown, "is not a setting of tt_pipeline", remedy=says)


def state_folder() -> Path | None:
    """The folder for what programs remember of a user: XDG_STATE_HOME, or ~/.local/state; None without a home."""
    named = os.environ.get("XDG_STATE_HOME", "")  # noqa: TID251 — the environment belongs to this module
    with suppress(RuntimeError):
        return Path(named) if named.startswith("/") else Path.home() / ".local" / "state"
    return None


def config_folder() -> Path:
    """The folder for a user's configuration: XDG_CONFIG_HOME, or ~/.config."""
    named = os.environ.get("XDG_CONFIG_HOME", "")  # noqa: TID251 — the environment belongs to this module
    return Path(named) if named.startswith("/") else Path.home() / ".config"


def exported_settings() -> list[str]:
    """The variables of settings whose value only the environment has, and not `.env`."""
    lines, found = read_env_file(Path(".env")), os.environ  # noqa: TID251 — the environment belongs to this module
    is_shared = VARIABLES["landing"] in found or VARIABLES["landing"] in lines
    ours = (name for name in VARIABLES.values() if is_shared or not name.startswith("AWS_"))
    own = (name for name in ours if found.get(name))
    return sorted(name for name in own if name not in lines or lines[name].value != found[name])


def hand_on(**variables: str) -> None:
    """Set environment variables for this process and its child processes, for example DAGSTER_HOME."""
    os.environ.update(variables)  # noqa: TID251 — the environment belongs to this module


def check_folders(settings: Settings) -> None:
    """Check that the data dir and the ledger can be opened where they are, before either is written.

    Raises:
        SettingsError: The data dir's path has characters that DuckDB or Dagster take for something else.
        NetworkFolder: One of them is on a network file system.
    """
    path = str(settings.data_dir.resolve())
    if found := _NOT_IN_A_PATH.search(path):
        raise SettingsError(
            "TT_DATA_DIR",
            f"leads to {printable(path)}, which contains {printable(found[0])}",
            remedy="DuckDB or Dagster cannot open files there: rename the folder, or choose another one.",
        )
    for folder in (settings.data_dir, settings.files.internal, settings.files.landing):
        check_is_local(folder, setting="TT_DATA_DIR")
    if settings.ledger_file:
        check_is_local(settings.ledger_file.parent, setting="TT_LEDGER" if settings.ledger else "TT_DATA_DIR")


def network_variables() -> dict[str, str]:
    """The variables of the environment that name proxies and certificates; an empty one counts as absent."""
    found = os.environ.items()  # noqa: TID251 — the environment belongs to this module
    return {name: value for name, value in found if value and (name.lower() in _PROXIES or name in _CERTIFICATES)}


def bucket_variables() -> dict[str, str]:
    """Access to S3-compatible storage, by the usual names; the environment comes before `.env`."""
    lines, found = read_env_file(Path(".env")), os.environ  # noqa: TID251 — the environment belongs to this module
    written = {name: found.get(name) or (lines[name].value if name in lines else "") for name in _OF_BUCKETS}
    return {name: value for name, value in written.items() if value}


def proxy_of(base_url: str) -> str | None:
    """The proxy through which a server is reached, without credentials; None when it is reached directly."""
    parts, proxies = urlsplit(base_url), getproxies()
    proxy = proxies.get(parts.scheme) or proxies.get("all")
    if proxy is None or is_loopback(base_url) or proxy_bypass(parts.hostname or ""):
        return None
    return without_credentials(proxy)


def is_loopback(base_url: str) -> bool:
    """Whether the server runs on this machine, so that no real quota is spent."""
    host = urlsplit(base_url).hostname or ""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
