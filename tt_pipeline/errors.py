"""Every error the product raises on purpose, in one tree: classes by what the caller can do.

    TtPipelineError
    ├── ConfigurationError            correct the study, settings or options; nothing was sent (exit code 2)
    │   ├── SettingsError               an environment variable
    │   ├── StudyError                  a line of study.yaml
    │   ├── UsageError                  an option of a command
    │   ├── NoProject                   the data dir has neither a study nor data
    │   ├── ForeignDataDir              the data dir has data of another server
    │   ├── KeyChanged                  the data dir was collected with another client key
    │   ├── LedgerNotMoved              TT_LEDGER is a database, and the data dir has a ledger: tt migrate-storage
    │   ├── NetworkFolder               the data dir or ledger is on a network file system
    │   ├── SourceUnknown               the file that names the data dir's server is damaged
    │   ├── BackupUnusable              a folder is no backup of this data dir, or it is damaged
    │   ├── ForeignInstance             the data dir has another Dagster instance
    │   ├── StudyEnded                  its data was deleted; nothing is collected any more
    │   └── QuotaNotConfirmed           a real server, and the study lacks quota.confirmed: true
    ├── ServerUnreachable             check the network, the proxy and TT_API_BASE_URL; nothing was sent
    ├── NotAuthorized                 correct the credentials or wait for approval (exit code 2)
    │   ├── InvalidCredentials
    │   └── ScopeNotAuthorized
    ├── PriceNotConfirmed             agree to the price: `--yes`, or the tag `tt/confirmed` (exit code 2)
    ├── RequestLimitReached           run the same command again (exit code 75)
    ├── QuotaExhausted                wait until the bucket is reset (exit code 75)
    ├── DailyRunWaiting               continue when the daily run is done (exit code 75)
    ├── AnswerFromElsewhere           a web page answers instead of the API: correct the network or the URL
    ├── ApiError                      an error answer of the Research API: request, status, code, log_id
    │   ├── TransientApiError           try again later; each try costs quota
    │   │   ├── ServerFailure             5xx, HTML, no answer in time
    │   │   ├── RateLimited               too many requests a minute: wait seconds
    │   │   ├── TokenInvalid              get a new token, once
    │   │   └── SearchIdRefused           not valid yet, or no longer valid
    │   ├── SearchRejected              correct the search
    │   ├── WindowTooHeavy              request fewer days
    │   ├── AnswerRejected              larger or slower than our limits
    │   └── UnexpectedResponse          report it to us
    ├── LandingError                  a landed file that cannot be used
    │   ├── CorruptLanding
    │   ├── LeaseLost                   run again: another machine may have gone on meanwhile
    │   ├── CollectionRuns              another process collects: stop it, or wait; nothing was deleted
    │   ├── LandedPagesUnreadable       make the file readable; nothing was sent for what it may contain
    │   ├── ContinuedElsewhere          another machine has gone on with a file: run again
    │   └── SharedLandingFailed         TT_LANDING cannot be reached: correct the network, then run again
    ├── FileSetAside                  run again: a new ledger or index was started
    ├── PostgresUnusable              start the server of TT_LEDGER, or correct the setting
    ├── MoveFailed                    run `tt migrate-storage` again; nothing was changed here
    ├── ClockWrong                    correct the clock of this machine or of the ledger's server
    ├── NewerFile                     update tt_pipeline or DuckDB; nothing was sent or changed
    ├── AlreadyServed                 use the UI that runs, or stop it first
    ├── TombstonesUnusable            restore the file of what was deleted, or its key; nothing was sent or deleted
    ├── StorageFailed                 free disk space or make the folder writable, then run again
    ├── DemonstrationFailed           the demonstration did not become complete: run it again, or report it
    └── WarehouseError                nothing was committed
        ├── WriterLocked                another program has the database file open
        ├── QueryStopped                a query took too long, or nobody waits for it any more
        ├── SchemaMismatch
        ├── RebuildNeeded               the tables differ from those of this version: run tt rebuild
        ├── AuditFailed
        ├── RebuildLoses                a rebuild would lose rows; the old file is unchanged
        ├── DeletionUnfinished          a deletion was interrupted: run `tt purge --continue`; nothing was published
        ├── LandingGone                 no landed file is there; nothing was requested
        ├── LandingIncomplete           landed files are missing; the published file is unchanged
        ├── PublicationRefused          a blocking check failed; the published file is unchanged
        ├── ExportFailed                a folder could not be written; its partial files were deleted
        ├── TargetUnusable              correct TT_PUBLISH, or wait: the file was published without this copy
        └── HandleLeft                  a pseudonymous export had a handle in it; it was deleted

A command that ends with any other of these errors has the exit code 1 (`cli/exits.py`).
Each error has its facts as attributes and builds its message from them. None of them is ever a secret.
"""

import shlex
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Final

from tt_pipeline.counted import counted
from tt_pipeline.rejected_answer import RejectedAnswer
from tt_pipeline.vocabulary import Bucket

_MOST_PROBLEMS: Final = 20
"""Problems of a study that a message lists; a file that is not a study at all can have thousands."""


class TtPipelineError(Exception):
    """Any error that tt_pipeline raises on purpose."""


class ConfigurationError(TtPipelineError):
    """The study, settings or options are invalid; nothing was sent and nothing changed."""


class SettingsError(ConfigurationError):
    """An environment variable is missing or wrong."""

    def __init__(self, variable: str, problem: str, *, remedy: str) -> None:
        self.variable = variable
        super().__init__(f"{variable} {problem}. {remedy}")


@dataclass(frozen=True, slots=True)
class StudyProblem:
    """One problem in a study file, and its place.

    Attributes:
        line: Counted from 1; None when the problem concerns the whole file.
        where: Path of keys, for example `searches.climate.regions[0]`.
    """

    file: Path
    line: int | None
    where: str
    problem: str

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}" if self.line else f"{self.file}"
        return ": ".join(part for part in (place, self.where, self.problem) if part)


class StudyError(ConfigurationError):
    """Lines of the study file are wrong.

    Attributes:
        file, line, where, problem: Those of the first problem in the file.
        problems: All problems in the file's order; each of the first 20 is one line of the message.
        notices: Sentences about parts of the study that have no problem; not in the message.
    """

    def __init__(
        self,
        file: Path,
        line: int | None,
        where: str,
        problem: str,
        *,
        further: Sequence[StudyProblem] = (),
        notices: Sequence[str] = (),
    ) -> None:
        self.file, self.line, self.where, self.problem = file, line, where, problem
        self.notices = tuple(notices)
        first = StudyProblem(file, line, where, problem)
        self.problems = (first, *further)
        more = f" ({counted(len(further), 'more problem')} in the file.)" if further else ""
        super().__init__("\n".join([f"{first}{more}", *map(str, further[: _MOST_PROBLEMS - 1])]))


class UsageError(ConfigurationError):
    """An option of a command is wrong."""


class NoProject(ConfigurationError):
    """The data dir has neither a study nor data: probably this is the wrong folder.

    Attributes:
        data_dir, study: Where the command looked; absolute paths.
        last_used: Other data dirs that exist, absolute, the most probable first.
    """

    def __init__(
        self, data_dir: Path, *, study: Path, last_used: Sequence[Path] = (), is_set_by_variable: bool = False
    ) -> None:
        self.data_dir, self.study, self.last_used = data_dir, study, last_used
        go_to = _set_data_dir if is_set_by_variable else _go_to
        elsewhere = "".join(f" A project was last used in {root}: {go_to(root)}." for root in last_used)
        super().__init__(
            f"No project here: there is no study {study}, and no data in {data_dir}. Nothing was changed.{elsewhere} "
            "To start a new project in this folder, run `tt init`."
        )


def _go_to(data_dir: Path) -> str:
    return f"`cd {shlex.quote(str(data_dir.parent))}`" if data_dir.name == "data" else _set_data_dir(data_dir)


def _set_data_dir(data_dir: Path) -> str:
    return f"`export TT_DATA_DIR={shlex.quote(str(data_dir))}`"


class ForeignDataDir(ConfigurationError):
    """The data dir contains data of another server; mixing the two would corrupt the data."""

    def __init__(self, data_dir: Path, *, belongs_to: str, configured: str) -> None:
        self.data_dir, self.belongs_to, self.configured = data_dir, belongs_to, configured
        super().__init__(
            f"{data_dir} contains data from {belongs_to}, but TT_API_BASE_URL is {configured}. A data dir takes data "
            f"from one server only: set TT_DATA_DIR to another folder, or set TT_API_BASE_URL to {belongs_to}."
        )


class KeyChanged(ConfigurationError):
    """The data dir was collected with another client key; each belongs to a project with terms of its own.

    Attributes:
        earlier, present: Fingerprints of the keys.
    """

    def __init__(self, data_dir: Path, *, earlier: str, present: str) -> None:
        self.data_dir, self.earlier, self.present = data_dir, earlier, present
        super().__init__(
            f"{data_dir} was collected with another client key (fingerprint {earlier}) than TT_CLIENT_KEY is now "
            f"({present}), so nothing was sent: a key may only be used for its own approved project. Write the earlier "
            "key again, or run `tt collect --accept-key` once if this study belongs to the project of the new key."
        )


class NetworkFolder(ConfigurationError):
    """The data dir or the ledger is on a network file system, where file locks do not hold."""

    def __init__(self, folder: Path, *, setting: str, kind: str, place: Path) -> None:
        self.folder, self.setting, self.kind, self.place = folder, setting, kind, place
        super().__init__(
            f"{folder} is on a network file system ({kind}, mounted at {place}), where file locks and SQLite do not "
            f"work reliably. Set {setting} to a folder on a disk of this computer. `tt sql`, `tt export` and other "
            "programs can read a published warehouse.duckdb from a network file system."
        )


class SourceUnknown(ConfigurationError):
    """The file that names the server of a data dir cannot be read."""

    def __init__(self, file: Path, problem: str) -> None:
        self.file, self.problem = file, problem
        super().__init__(
            f"{file} does not name the server that this data dir's answers came from ({problem}). Landed pages are "
            'not affected. Restore it from a backup, or write this line into it: {"api_base_url": "https://…"}, with '
            'the server of the data: `tt sql "select api_base_url from ops.publish_info"` shows it.'
        )


class BackupUnusable(ConfigurationError):
    """A folder cannot be used as a backup; nothing was changed."""

    def __init__(self, folder: Path, problem: str) -> None:
        """Keep the facts.

        Args:
            folder: The folder.
            problem: What is wrong, as the rest of a sentence about it.
        """
        self.folder, self.problem = folder, problem
        super().__init__(f"{folder} {problem}. Nothing was changed.")


class ForeignInstance(ConfigurationError):
    """A data dir and a Dagster instance do not belong to each other; the runs of two studies would be mixed."""

    def __init__(self, problem: str, *, remedy: str) -> None:
        super().__init__(f"{problem} Nothing was changed. {remedy}")


class StudyEnded(ConfigurationError):
    """The study was ended: its data was deleted, and collecting would begin again from nothing."""

    def __init__(self, record: Path) -> None:
        self.record = record
        super().__init__(
            f"This study was ended, and its data was deleted ({record} says when). Begin another study in another data"
            " dir; to collect into this one again, delete that file."
        )


class QuotaNotConfirmed(ConfigurationError):
    """The study does not allow requests to a real server yet."""

    def __init__(self, file: Path, base_url: str) -> None:
        self.file, self.base_url = file, base_url
        super().__init__(
            f"{file} does not confirm the quota, so no request is sent to {base_url}. "
            "Each request uses up part of your organisation's daily quota: read the costs with `tt plan`, then set "
            "`confirmed: true` under `quota` in the study."
        )


class ServerUnreachable(TtPipelineError):
    """There is no answer at the base URL; nothing was sent.

    Attributes:
        proxy: The proxy that was to reach the server, without credentials; None for a direct connection.
    """

    def __init__(self, base_url: str, problem: str, *, proxy: str | None = None) -> None:
        self.base_url, self.proxy = base_url, proxy
        through = f" through the proxy {proxy}, which HTTPS_PROXY, HTTP_PROXY or ALL_PROXY names" if proxy else ""
        if "CERTIFICATE_VERIFY_FAILED" in problem:
            remedy = (
                "The certificate is not trusted: if your institution inspects connections, set SSL_CERT_FILE to the "
                "file with its certificates."
            )
        else:
            check = "this proxy" if proxy else "TT_API_BASE_URL"
            remedy = f"Check {check} and the network; to use the simulator, start `tt simulate` first."
        super().__init__(f"No server answers at {base_url}{through} ({problem}). {remedy}")


class NotAuthorized(TtPipelineError):
    """The server refuses access to this client."""


class InvalidCredentials(NotAuthorized):
    """Client key or secret is wrong.

    Attributes:
        source: Where they come from.
    """

    def __init__(self, base_url: str, code: str, log_id: str | None, *, source: str) -> None:
        self.base_url, self.code, self.log_id, self.source = base_url, code, log_id, source
        super().__init__(
            f"{base_url} does not accept the credentials ({code}, log_id {log_id}). Check key and secret: {source}."
        )


class ScopeNotAuthorized(NotAuthorized):
    """The credentials are valid, but the project is not (yet) approved for the Research API."""

    def __init__(self, code: str, log_id: str | None) -> None:
        self.code, self.log_id = code, log_id
        super().__init__(
            f"The credentials are accepted, but the project has no access to the Research API yet ({code}, "
            f"log_id {log_id}): TikTok has not approved it, or its scope research.data.basic is missing. "
            "Until then you can work with the simulator: `tt simulate`."
        )


class PriceNotConfirmed(TtPipelineError):
    """Collected days would be requested again for more than `quota.confirm_above`, and nobody has agreed to it.

    Attributes:
        requests: About how many requests it costs.
        limit: `quota.confirm_above`.
    """

    def __init__(self, what: Sequence[str], *, requests: int, limit: int, remedy: str) -> None:
        self.requests, self.limit = requests, limit
        super().__init__(
            f"{' '.join(what)} That is more than quota.confirm_above ({limit:,}), so nothing of it was sent, and these "
            f"days stay as they are. {remedy}"
        )


class RequestLimitReached(TtPipelineError):
    """The command has sent as many requests as `--limit` allows; pages that landed are kept."""

    def __init__(self, limit: int) -> None:
        self.limit = limit
        sent = counted(limit, "request", "were")
        super().__init__(f"Paused at --limit {limit:,}: {sent} sent.")


class QuotaExhausted(TtPipelineError):
    """The quota bucket of this UTC day is used up, or the rest of it is reserved.

    Attributes:
        resets_at: Aware, UTC.
        reported_by_server: The server answered daily_quota_limit_exceeded, even if the ledger counts fewer requests.
    """

    def __init__(
        self, bucket: Bucket, *, used: int, limit: int, resets_at: datetime, reported_by_server: bool = False
    ) -> None:
        self.bucket, self.used, self.limit, self.resets_at = bucket, used, limit, resets_at
        self.reported_by_server = reported_by_server
        use = "used up according to the server" if reported_by_server else f"{used:,} of {limit:,} used"
        super().__init__(f"Quota {bucket}: {use}; resets {resets_at:%Y-%m-%d %H:%M} UTC.")


class DailyRunWaiting(TtPipelineError):
    """The daily run waits for the same quota, so this run stops; pages that landed are kept."""

    def __init__(self) -> None:
        super().__init__("The daily run waits for this quota. This run keeps its landed pages and continues after it.")


class AnswerFromElsewhere(TtPipelineError):
    """Something between here and TikTok answers with a web page or a redirect, for example the login of a network."""

    def __init__(self, request: str, base_url: str, problem: str) -> None:
        self.request, self.base_url, self.problem = request, base_url, problem
        super().__init__(
            f"{request}: this is not TikTok's answer but {problem}. Nothing more is sent. Open {base_url} in a browser "
            "on this machine: log in to the network or the proxy if they ask for it, check TT_API_BASE_URL, and run "
            "the same command again."
        )


class ApiError(TtPipelineError):
    """The Research API answered with an error instead of a page.

    Attributes:
        request: The request in words, for example "video query climate 2026-10-01..2026-10-30".
        status: HTTP status; None when no answer came.
        code: `error.code` of the answer; "" when there was none.
        message: `error.message` of the answer, or our own words when there was none.
        log_id: The id of the answer; TikTok's support needs it.
        rejected: What is kept of answers to this request with status 200 that could not be read, or exceeded a limit.
    """

    remedy = ""
    rejected: tuple[RejectedAnswer, ...] = ()

    def __init__(
        self, request: str, *, status: int | None = None, code: str = "", message: str = "", log_id: str | None = None
    ) -> None:
        self.request, self.status, self.code, self.message, self.log_id = request, status, code, message, log_id
        came_back = " ".join(str(part) for part in (f"HTTP {status}" if status else "no answer", code) if part)
        text = f"{request}: {came_back}: {message}" + (f" (log_id {log_id})" if log_id else "")
        super().__init__(f"{text}. {self.remedy}" if self.remedy else text)


class TransientApiError(ApiError):
    """A later try may succeed; each try costs quota."""


class ServerFailure(TransientApiError):
    """5xx, HTML instead of JSON, a truncated body, or no answer in time."""


class RateLimited(TransientApiError):
    """Too many requests in the last minute.

    Attributes:
        retry_after_s: Seconds from the server's Retry-After; None without that header.
    """

    retry_after_s: float | None = None


class TokenInvalid(TransientApiError):
    """The bearer token is not (or no longer) valid; the request is sent once more with a new one."""


class SearchIdRefused(TransientApiError):
    """The server refuses a search_id or cursor that it issued: not valid yet, or no longer."""


class SearchRejected(ApiError):
    """The API calls the parameters invalid; sending them again fails again."""

    remedy = "Correct the search; `tt check` shows the query that is sent."


class WindowTooHeavy(ApiError):
    """The server fails on this window at every try; a window of fewer days may work."""


_RAISE_LIMIT: Final = "If it is a real answer, raise the limit."
_COMPRESSED: Final = "Something between here and the server compresses answers: check the proxy and TT_API_BASE_URL."


class AnswerRejected(ApiError):
    """An answer that is larger, slower or otherwise compressed than we accept; it is not sent for again in this run."""

    def __init__(self, request: str, *, status: int | None, code: str, message: str, log_id: str | None = None) -> None:
        remedies = {"TT_": _RAISE_LIMIT, "compressed": _COMPRESSED}  # TT_ is the variable that sets the limit
        further = next((f" {remedy}" for words, remedy in remedies.items() if words in message), "")
        self.remedy = f"A collection keeps its beginning in ops.quarantine.{further}"
        super().__init__(request, status=status, code=code, message=message, log_id=log_id)


class UnexpectedResponse(ApiError):
    """An answer that the API's documentation does not describe."""

    remedy = "Please report this answer to tt_pipeline, with its log_id."


class LandingError(TtPipelineError):
    """A landed file cannot be used."""


class CorruptLanding(LandingError):
    """A landed file is damaged or of a later version; it is never overwritten.

    Attributes:
        later_version: The version of its format, if a later tt_pipeline wrote it.
        is_unreadable: The operating system refuses to read it; nobody knows what is in it.
    """

    def __init__(
        self,
        file: Path,
        line: int | None,
        problem: str,
        *,
        later_version: int | None = None,
        is_unreadable: bool = False,
    ) -> None:
        self.file, self.line, self.problem = file, line, problem
        self.later_version, self.is_unreadable = later_version, is_unreadable
        super().__init__(f"{file}{f':{line}' if line else ''}: {problem}. The file was not changed.")


class CollectionRuns(LandingError):
    """Another process adds to the landed files, so nothing can be removed from them now."""

    def __init__(self, landing: Path) -> None:
        self.landing = landing
        super().__init__(
            f"Another process is collecting into {landing}. Nothing was deleted. Wait until it ends, or stop it"
            " (a collection that is stopped goes on later without loss), and run the command again."
        )


class LeaseLost(LandingError):
    """This process was paused or cut off for so long that another machine may have gone on with its work."""

    def __init__(self, name: str) -> None:
        self.name = name
        super().__init__(
            f"This process did not reach the other machines for a minute and lost its lease on {name}, so it writes "
            "nothing more there: another machine may collect there meanwhile. What has landed is kept. Run the same "
            "command again; it goes on where the collection is then."
        )


class LandedPagesUnreadable(LandingError):
    """A landed file or folder cannot be read, so nobody knows which pages have landed; nothing was sent for them."""

    def __init__(self, asset: str, day: date | None, problem: str) -> None:
        self.asset, self.day, self.problem = asset, day, problem
        super().__init__(
            f"{problem}. It may have pages of {asset}{f' of {day}' if day else ''}, so nothing was requested there: "
            "they would be requested twice. Make it readable (`chmod u+rwX`), or move it out of the landing folder if "
            "its pages are to be requested again, and run the same command again."
        )


class ContinuedElsewhere(LandingError):
    """Another machine has gone on with a landed file meanwhile; what it has stored there counts."""

    def __init__(self, place: str, load_id: str, *, dropped: int = 0) -> None:
        self.place, self.load_id, self.dropped = place, load_id, dropped
        lost = f" {counted(dropped, 'page')} of this process came too late and was dropped." if dropped else ""
        super().__init__(
            f"Another machine has gone on with {load_id} in {place} meanwhile. What it has stored there counts, and so "
            f"does what this process stored before.{lost} Run the same command again: it requests what is missing."
        )


class SharedLandingFailed(LandingError):
    """The object storage of TT_LANDING cannot be reached, or refuses; answers that have come are kept here."""

    def __init__(self, place: str, problem: str) -> None:
        self.place, self.problem = place, problem
        super().__init__(
            f"{place} (TT_LANDING) cannot be used: {problem}. Answers that have come are kept in this data dir and are "
            "sent there first next time. Check the network, AWS_ENDPOINT_URL and the credentials, and run the same "
            "command again."
        )


class FileSetAside(TtPipelineError):
    """A ledger or index became unusable while in use; it was renamed, and a new one was started."""

    def __init__(self, file: Path, problem: str) -> None:
        self.file, self.problem = file, problem
        super().__init__(
            f"{file} became unusable ({problem}). It was renamed and kept in its folder, and a new one was started. "
            "Landed pages are not affected. Run the same command again."
        )


class NewerFile(TtPipelineError):
    """A later version of tt_pipeline or DuckDB made a file of the data dir."""

    def __init__(self, file: Path | str, *, found: int, known: int, of: str = "tt_pipeline") -> None:
        self.file, self.found, self.known = file, found, known
        super().__init__(
            f"A later {of} made {file} (version {found} of its format; this {of} knows versions up to {known}), so "
            f"nothing was sent or changed: update {of}."
        )


class TombstonesUnusable(TtPipelineError):
    """The record of what was deleted cannot be used, and without it deleted data could come back."""

    def __init__(self, file: Path | str, problem: str) -> None:
        self.file, self.problem = file, problem
        super().__init__(
            f"{file} cannot be used: {problem}. It says what was deleted and must not come back, so nothing was sent,"
            " published or deleted. Put it back from a backup or from TT_TOMBSTONES."
        )


class AlreadyServed(TtPipelineError):
    """Another `tt up` serves the data dir; a second daemon would start every run twice."""

    def __init__(self, data_dir: Path, server: str) -> None:
        self.data_dir, self.server = data_dir, server
        super().__init__(
            f"A Dagster UI and daemon already run for {data_dir}: {server}. This command changed nothing. "
            "Open that UI, or stop it with Ctrl-C before you start another."
        )


_MAKE_ROOM: Final = "Free disk space, or make the folder writable (`tt doctor` checks both)"


class StorageFailed(TtPipelineError):
    """The operating system refuses to write: the disk is full, or the folder is missing or read-only."""

    def __init__(self, doing: str, place: Path, problem: str, *, remedy: str = _MAKE_ROOM) -> None:
        self.doing, self.place, self.problem = doing, place, problem
        super().__init__(
            f"{doing} failed at {place}: {problem}. Files that were complete before are still complete. {remedy}, and "
            "run the same command again."
        )


class PostgresUnusable(TtPipelineError):
    """The Postgres server of TT_LEDGER cannot be reached, or refuses what is asked of it."""

    def __init__(self, server: str, problem: str) -> None:
        self.server, self.problem = server, problem
        super().__init__(
            f"{server} cannot be used: {problem}. What has landed is kept, and nothing more was sent. Run the same "
            "command again when the server works, or correct TT_LEDGER."
        )


class MoveFailed(TtPipelineError):
    """What `tt migrate-storage` moves did not arrive as it was."""

    def __init__(self, problem: str) -> None:
        self.problem = problem
        super().__init__(
            f"{problem}. This data dir is unchanged. Run `tt migrate-storage` again; nothing is moved twice."
        )


class LedgerNotMoved(ConfigurationError):
    """TT_LEDGER names a database, but the data dir still has a ledger of its own."""

    def __init__(self, file: Path, server: str) -> None:
        self.file, self.server = file, server
        super().__init__(
            f"{file} counts requests that {server} does not know, so nothing was sent. `tt migrate-storage` moves "
            "them; or unset TT_LEDGER."
        )


class ClockWrong(TtPipelineError):
    """The clocks of this machine and of the shared ledger's server differ, so they may not agree on the day."""

    def __init__(self, server: str, *, seconds: float) -> None:
        self.server, self.seconds = server, seconds
        direction = "ahead of" if seconds > 0 else "behind"
        super().__init__(
            f"The clock of this machine is {abs(seconds):,.0f} seconds {direction} that of {server}, so they could "
            "count requests on different days. Nothing was sent. Correct the clocks (NTP), and run the same command "
            "again."
        )


class DemonstrationFailed(TtPipelineError):
    """The collection of `tt demo --chaos` did not become complete."""

    def __init__(self, problem: str) -> None:
        super().__init__(f"{problem} Run `tt demo --chaos` again; if this happens again, please report it.")


class WarehouseError(TtPipelineError):
    """The warehouse refused the operation; nothing was committed."""


class WriterLocked(WarehouseError):
    """Another program has the writer's file open, or the published one for writing."""

    def __init__(
        self, file: Path, holder: str, *, instead: str = "open the published warehouse.duckdb instead"
    ) -> None:
        self.file, self.holder = file, holder
        super().__init__(f"{file} is open in {holder}. Close it there; to look at data, {instead}.")


class QueryStopped(WarehouseError):
    """A query of the published file was stopped before its end.

    Attributes:
        limit_s: The limit that it reached, in seconds; None if nobody waited for the answer any more.
    """

    def __init__(self, limit_s: float | None = None) -> None:
        self.limit_s = limit_s
        super().__init__(
            "It was stopped, because nobody waits for the answer."
            if limit_s is None
            else f"It took longer than {limit_s:g} seconds and was stopped. Ask for less: add a filter, or do not sort."
        )


class SchemaMismatch(WarehouseError):
    """A column of a frame is missing or has another type than in its table."""

    def __init__(self, table: str, difference: str) -> None:
        self.table, self.difference = table, difference
        super().__init__(f"{table}: {difference}")


class RebuildNeeded(WarehouseError):
    """The tables in the file differ from those that its version should have."""

    def __init__(self, file: Path, tables: list[str]) -> None:
        self.file, self.tables = file, tables
        super().__init__(
            f"These tables in {file} differ from those of this tt_pipeline: {', '.join(tables)}. "
            "Run `tt rebuild`: it builds the file again from the landed pages and sends no request."
        )


class AuditFailed(WarehouseError):
    """The row counts of a load do not add up, so it was rolled back."""

    def __init__(self, load_id: str, problem: str) -> None:
        self.load_id, self.problem = load_id, problem
        super().__init__(f"{load_id}: {problem}; the load was rolled back.")


def _why_rows_are_lost(damaged: Sequence[str], unreadable: Sequence[str]) -> str:
    if unreadable:
        return f"{_some(unreadable)}. Make it readable (`chmod u+rwX`)."
    if damaged:
        return (
            f"Landed files were damaged: {_some(damaged)}. Restore each from a backup under its old name and delete"
            " the `.mended-` file beside it, or let `tt collect` request its pages again."
        )
    return "No landed file is known to be damaged: some were deleted, or this version reads them differently."


def _some(names: Sequence[str]) -> str:
    return "; ".join([*names[:5], *([f"and {len(names) - 5:,} more"] if names[5:] else [])])


class RebuildLoses(WarehouseError):
    """The landed pages give fewer rows than the file that a rebuild would replace."""

    def __init__(self, file: Path, losses: list[str], damaged: list[str], unreadable: list[str]) -> None:
        self.file, self.losses, self.damaged, self.unreadable = file, losses, damaged, unreadable
        super().__init__(
            f"A rebuild would lose rows: {', '.join(losses)}. So {file} and the published file were not changed. "
            f"{_why_rows_are_lost(damaged, unreadable)} To accept the loss, run `tt rebuild --accept-loss`."
        )


class LandingIncomplete(WarehouseError):
    """The landing folder has fewer files than are known; analysts keep the previously published file."""

    def __init__(self, landing: Path, loads: int, *, known: int, source: str, is_same_folder: bool) -> None:
        self.landing, self.loads, self.known = landing, loads, known
        where = "it had" if is_same_folder else "another landing folder of this study has"
        self.problem = (
            f"{landing} has {counted(loads, 'landed file')}, but according to {source} {where} {known:,}."
            " A publication would lack what is missing here. Mount the disk, or copy the missing files into this folder"
            " from the computer or backup that has them, and run the same command again; `tt collect` can also request "
            "the missing days again. To publish without them, run `tt rebuild --accept-loss`."
        )
        super().__init__(f"Nothing was published: {self.problem}")


class DeletionUnfinished(WarehouseError):
    """A deletion was interrupted; what it had not reached yet must not be published."""

    def __init__(self, journal: Path) -> None:
        self.journal = journal
        super().__init__(
            "A deletion was interrupted, so nothing was published: the file could have what must be deleted. Run"
            " `tt purge --continue`, which goes on where it stopped."
        )


class RestoredUnchecked(WarehouseError):
    """A backup was restored, and TikTok may have deleted some of it since."""

    def __init__(self) -> None:
        super().__init__(
            "A backup was restored, and nothing is published before it was checked: TikTok may have deleted some of it"
            " since. `tt refresh` checks and publishes it; `tt refresh --dry-run` says what that costs. If it cannot be"
            " checked, `tt restore FOLDER --as-of` publishes it as it was."
        )


class LandingGone(WarehouseError):
    """No landed file is there, and the published file was made of some: everything would be requested again."""

    def __init__(self, landing: Path, published: Path, known: int) -> None:
        self.landing, self.published, self.known = landing, published, known
        super().__init__(
            f"{landing} has no landed file, but {published} was made of {counted(known, 'landed file')}. Nothing was"
            " requested, because everything would be requested again. Mount the disk, or restore the folder from a"
            " backup. To collect everything again, run `tt rebuild --accept-loss` first."
        )


class PublicationRefused(WarehouseError):
    """A blocking check failed; analysts keep the previously published file."""

    def __init__(self, published: Path, problems: list[str]) -> None:
        self.published, self.problems = published, problems
        super().__init__(f"{published} was not replaced, because checks failed: {' '.join(problems)}")


class TargetUnusable(WarehouseError):
    """The publish target cannot be reached, or belongs to something else; the file is published without it."""

    def __init__(self, target: str, problem: str) -> None:
        self.target, self.problem = target, problem
        super().__init__(
            f"{target} was not published to: {problem}. What it had is unchanged, the published file is not concerned, "
            "and the next publication tries again."
        )


class ExportFailed(WarehouseError):
    """An export could not be written."""

    def __init__(self, folder: Path, problem: str) -> None:
        self.folder, self.problem = folder, problem
        super().__init__(
            f"{folder} could not be written: {problem}. Its partial files were deleted, and the published warehouse is "
            "unchanged. Check disk space and permissions, or choose another folder with --to."
        )


class HandleLeft(WarehouseError):
    """The scan of a pseudonymous export found a handle, which the message does not repeat; the export was deleted."""

    def __init__(self, file: str, column: str | None) -> None:
        self.file, self.column = file, column
        place = f"{file}, column {column}" if column else f"the bytes of {file}"
        remedy = (
            " If a handle is in the name of the folder, choose another with --to."
            if file == "datapackage.json"
            else " Please report it: this must not happen."
        )
        super().__init__(
            f"The export is not pseudonymous: a handle of the warehouse is in {place}. All its files were deleted."
            f"{remedy}"
        )
