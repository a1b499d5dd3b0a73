"""Every error the product raises on purpose, in one tree: classes by what the caller can do.

    TtPipelineError
    ├── ConfigurationError            correct what was written; nothing was sent (exit code 2)
    │   ├── SettingsError               an environment variable
    │   ├── StudyError                  a line of study.yaml
    │   ├── UsageError                  an option of a command
    │   ├── ForeignDataDir              the data dir belongs to another source
    │   ├── QuotaNotConfirmed           a real server, and the study does not say quota.confirmed
    │   └── ServerUnreachable           nobody answers at the base URL
    ├── NotAuthorized                 correct the credentials or wait for approval (exit code 2)
    │   ├── InvalidCredentials
    │   └── ScopeNotAuthorized
    ├── QuotaExhausted                wait until the bucket is reset (exit code 75)
    ├── DailyRunWaiting                      go on when what is more urgent is done
    ├── ApiError                      what the Research API answered: asked, status, code, log_id
    │   ├── TransientApiError           try again later; each try costs quota
    │   │   ├── ServerFailure             5xx, HTML, no answer in time
    │   │   ├── RateLimited               too many requests a minute: wait seconds
    │   │   ├── TokenInvalid              a new token, once
    │   │   └── SearchIdRefused           too fresh or dead
    │   ├── SearchRejected              correct the search
    │   ├── WindowTooHeavy              ask for fewer days
    │   └── UnexpectedResponse          tell us
    ├── LandingError                  a landed file that cannot be used
    │   └── CorruptLanding
    ├── FileSetAside                  run again: a new ledger or index was begun
    ├── StorageFailed                 make room, or the folder writable, and run again
    └── WarehouseError                nothing was committed
        ├── WriterLocked                another program holds the writer's file
        ├── SchemaMismatch
        ├── NewerDatabase               a later version of tt_pipeline made the file
        ├── RebuildNeeded               the file's tables are not those of its version: tt rebuild
        ├── AuditFailed
        ├── RebuildLoses                made anew the file would hold less; the old one is as it was
        ├── PublicationRefused          a blocking check failed; the published file is the one before
        └── ExportFailed                a folder could not be written; nothing of it is left

Facts ride on the exception as attributes and the message is made from them. No secret is ever one of them.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from tt_pipeline.vocabulary import Bucket


class TtPipelineError(Exception):
    """Anything the product raises on purpose."""


class ConfigurationError(TtPipelineError):
    """What was written cannot be meant; nothing was sent and nothing changed."""


class SettingsError(ConfigurationError):
    """An environment variable is missing or wrong."""

    def __init__(self, variable: str, problem: str, *, remedy: str) -> None:
        self.variable = variable
        super().__init__(f"{variable} {problem}. {remedy}")


@dataclass(frozen=True, slots=True)
class StudyProblem:
    """What is wrong at a place of a study file.

    Attributes:
        line: Counted from 1; None when the file as a whole is meant.
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
        file, line, where, problem: The first of the problems, in the file's order.
        problems: All of them; each has a line of the message.
    """

    def __init__(
        self, file: Path, line: int | None, where: str, problem: str, *, further: Sequence[StudyProblem] = ()
    ) -> None:
        self.file, self.line, self.where, self.problem = file, line, where, problem
        first = StudyProblem(file, line, where, problem)
        self.problems = (first, *further)
        more = f" ({len(further):,} more problem{'s' * (len(further) > 1)} in the file.)" if further else ""
        super().__init__("\n".join([f"{first}{more}", *map(str, further)]))


class UsageError(ConfigurationError):
    """An option of a command is wrong."""


class ForeignDataDir(ConfigurationError):
    """The data dir holds what another server answered; mixing both would spoil it."""

    def __init__(self, data_dir: Path, *, belongs_to: str, asked: str) -> None:
        self.data_dir, self.belongs_to, self.asked = data_dir, belongs_to, asked
        super().__init__(
            f"{data_dir} holds data from {belongs_to}, and TT_API_BASE_URL says {asked}. "
            "One data dir keeps one source: set TT_DATA_DIR to another folder, or TT_API_BASE_URL back."
        )


class QuotaNotConfirmed(ConfigurationError):
    """Nothing is spent against a real server before the study says so."""

    def __init__(self, file: Path, base_url: str) -> None:
        self.file, self.base_url = file, base_url
        super().__init__(
            f"{file} does not confirm the quota, so no request is sent to {base_url}. "
            "Each request spends your organisation's daily quota: read what `tt plan` says it costs, then write "
            "`quota: {confirmed: true}` into the study."
        )


class ServerUnreachable(ConfigurationError):
    """Nobody answers at the base URL."""

    def __init__(self, base_url: str, problem: str) -> None:
        self.base_url = base_url
        super().__init__(
            f"Nobody answers at {base_url} ({problem}). Check TT_API_BASE_URL and the network; "
            "for the simulator start `tt simulate` first."
        )


class NotAuthorized(TtPipelineError):
    """The server does not let this client in."""


class InvalidCredentials(NotAuthorized):
    """Client key or secret is wrong."""

    def __init__(self, base_url: str, code: str, log_id: str | None) -> None:
        self.base_url, self.code, self.log_id = base_url, code, log_id
        super().__init__(
            f"{base_url} does not accept the credentials ({code}, log_id {log_id}). "
            "Check TT_CLIENT_KEY and TT_CLIENT_SECRET in the environment or in .env."
        )


class ScopeNotAuthorized(NotAuthorized):
    """The credentials are right, and the project is not approved for the Research API (yet)."""

    def __init__(self, code: str, log_id: str | None) -> None:
        self.code, self.log_id = code, log_id
        super().__init__(
            f"The credentials are accepted, but the project has no access to the Research API yet ({code}, "
            f"log_id {log_id}): the application is not approved, or lacks research.data.basic. "
            "Meanwhile everything works on the simulator: `tt simulate`."
        )


class QuotaExhausted(TtPipelineError):
    """The bucket of the UTC day is used up, or what is left is reserved.

    Attributes:
        resets_at: Aware, UTC.
        said_by_server: The server answered daily_quota_limit_exceeded, whatever our count says.
    """

    def __init__(
        self, bucket: Bucket, *, used: int, limit: int, resets_at: datetime, said_by_server: bool = False
    ) -> None:
        self.bucket, self.used, self.limit, self.resets_at = bucket, used, limit, resets_at
        self.said_by_server = said_by_server
        use = "used up, says the server" if said_by_server else f"{used:,} of {limit:,} used"
        super().__init__(f"Quota {bucket}: {use}; resets {resets_at:%Y-%m-%d %H:%M} UTC.")


class DailyRunWaiting(TtPipelineError):
    """Something more urgent waits for the same quota; what has landed is kept."""

    def __init__(self) -> None:
        super().__init__("The day's own list waits for the quota: this goes on when that is done.")


class ApiError(TtPipelineError):
    """An answer of the Research API that is no page.

    Attributes:
        asked: What was asked, in words, for example "video query climate 2026-10-01..2026-10-30".
        status: HTTP status; None when no answer came.
        code: `error.code` of the answer; "" when there was none.
        message: `error.message` of the answer, or what we made of its absence.
        log_id: What TikTok's support asks for.
    """

    remedy = ""

    def __init__(
        self, asked: str, *, status: int | None = None, code: str = "", message: str = "", log_id: str | None = None
    ) -> None:
        self.asked, self.status, self.code, self.message, self.log_id = asked, status, code, message, log_id
        came_back = " ".join(str(part) for part in (f"HTTP {status}" if status else "no answer", code) if part)
        text = f"{asked}: {came_back}: {message} (log_id {log_id})" if log_id else f"{asked}: {came_back}: {message}"
        super().__init__(f"{text}. {self.remedy}" if self.remedy else text)


class TransientApiError(ApiError):
    """Trying again later may help; each try costs quota."""


class ServerFailure(TransientApiError):
    """5xx, HTML instead of JSON, a cut body, or no answer in time."""


class RateLimited(TransientApiError):
    """Too many requests in the last minute.

    Attributes:
        retry_after_s: What the server asked for; None when it did not say.
    """

    retry_after_s: float | None = None


class TokenInvalid(TransientApiError):
    """The bearer token is not (or no longer) valid; a new one helps, once."""


class SearchIdRefused(TransientApiError):
    """The search_id or cursor just given is refused: too fresh, or dead."""


class SearchRejected(ApiError):
    """The API calls the parameters invalid; sending them again cannot help."""

    remedy = "Correct the search; `tt check` shows what is sent."


class WindowTooHeavy(ApiError):
    """The server fails on this window again and again; fewer days may pass."""


class UnexpectedResponse(ApiError):
    """An answer the reference does not know."""

    remedy = "Please report it with the log_id."


class LandingError(TtPipelineError):
    """A landed file cannot be used."""


class CorruptLanding(LandingError):
    """A landed file is not what was written; it is never overwritten.

    Attributes:
        is_newer: A later version of tt_pipeline wrote it.
    """

    def __init__(self, file: Path, line: int | None, problem: str, *, is_newer: bool = False) -> None:
        self.file, self.line, self.problem, self.is_newer = file, line, problem, is_newer
        super().__init__(f"{file}{f':{line}' if line else ''}: {problem}. The file was left as it is.")


class FileSetAside(TtPipelineError):
    """A database of ours became unusable while it was in use; it was set aside, and a new one is begun."""

    def __init__(self, file: Path, problem: str) -> None:
        self.file, self.problem = file, problem
        super().__init__(
            f"{file} could not be used any more ({problem}). It was renamed and kept beside the new one. "
            "Nothing that landed is lost: run the same command again."
        )


class StorageFailed(TtPipelineError):
    """The machine does not let us write: a full disk, a limit, a folder that is read-only or no folder."""

    def __init__(self, doing: str, place: Path, problem: str) -> None:
        self.doing, self.place, self.problem = doing, place, problem
        super().__init__(
            f"{doing} failed at {place}: {problem}. Whatever was whole before is whole still. Make room on the disk, "
            "or make the folder writable (`tt doctor` looks at both), and run the same command again."
        )


class WarehouseError(TtPipelineError):
    """The warehouse refused; nothing was committed."""


class WriterLocked(WarehouseError):
    """Another program holds the writer's file, or the published one as if it were to be written."""

    def __init__(
        self, file: Path, holder: str, *, instead: str = "open the published warehouse.duckdb instead"
    ) -> None:
        self.file, self.holder = file, holder
        super().__init__(f"{file} is held by {holder}. Close it there; to look at data {instead}.")


class SchemaMismatch(WarehouseError):
    """A frame lacks a column of its table or has another type."""

    def __init__(self, table: str, difference: str) -> None:
        self.table, self.difference = table, difference
        super().__init__(f"{table}: {difference}")


class NewerDatabase(WarehouseError):
    """A later version made the file."""

    def __init__(self, file: Path, *, found: int, known: int) -> None:
        self.file, self.found, self.known = file, found, known
        super().__init__(
            f"{file} has schema version {found}, and this tt_pipeline knows {known}. "
            "Update tt_pipeline; the file was left as it is."
        )


class RebuildNeeded(WarehouseError):
    """The file's tables are not those of its version."""

    def __init__(self, file: Path, tables: list[str]) -> None:
        self.file, self.tables = file, tables
        super().__init__(
            f"{file} has other tables than this tt_pipeline: {', '.join(tables)}. "
            "Run `tt rebuild`: it makes the file anew from what has landed and sends nothing."
        )


class AuditFailed(WarehouseError):
    """A load does not add up and was rolled back."""

    def __init__(self, load_id: str, problem: str) -> None:
        self.load_id, self.problem = load_id, problem
        super().__init__(f"{load_id}: {problem}; the load was rolled back.")


class RebuildLoses(WarehouseError):
    """What has landed gives less than the file that it would replace."""

    def __init__(self, file: Path, losses: list[str], damaged: list[str]) -> None:
        self.file, self.losses, self.damaged = file, losses, damaged
        named = "; ".join([*damaged[:5], *([f"and {len(damaged) - 5:,} more"] if damaged[5:] else [])])
        why = (
            f"Landed files were damaged: {named}. Put each back from a copy, under its old name and without the "
            "`.mended-` file beside it, or let `tt collect` ask again for what it held."
            if damaged
            else "No landed file is known to be damaged: some are gone, or this version reads them otherwise."
        )
        super().__init__(
            f"{file} and what is published were left as they are; made anew they would hold less: {', '.join(losses)}. "
            f"{why} `tt rebuild --accept-loss` takes what there is."
        )


class PublicationRefused(WarehouseError):
    """A blocking check failed; analysts keep the file published before."""

    def __init__(self, published: Path, problems: list[str]) -> None:
        self.published, self.problems = published, problems
        super().__init__(f"{published} was left as it is, because checks failed: {' '.join(problems)}")


class ExportFailed(WarehouseError):
    """An export could not be written."""

    def __init__(self, folder: Path, problem: str) -> None:
        self.folder, self.problem = folder, problem
        super().__init__(
            f"{folder} could not be written: {problem}. Nothing of it was left, and the published warehouse is as it "
            "was. Look at the disk and its permissions, or name another folder with --to."
        )
