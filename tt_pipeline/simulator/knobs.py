"""Which settings does the simulator have?

Defaults follow the documentation, otherwise measurements, otherwise guesses. A knob changes how the API answers, never
which videos, comments and accounts exist. `faults.py` decides when faults are applied.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from enum import StrEnum
from types import MappingProxyType
from typing import Any, Literal, Self


class FaultKind(StrEnum):
    """How a request with a fault goes wrong."""

    ERROR_500 = "error_500"
    ERROR_500_NO_MESSAGE = "error_500_no_message"
    HTML_504 = "html_504"
    TIMEOUT_504 = "timeout_504"
    BURST_429 = "burst_429"
    UNREADABLE_429 = "unreadable_429"
    DAILY_429 = "daily_429"
    TOKEN_INVALID = "token_invalid"  # noqa: S105 — a name
    SCOPE_NOT_AUTHORIZED = "scope_not_authorized"
    SEARCH_ID_INVALID = "search_id_invalid"
    CURSOR_INVALID = "cursor_invalid"
    TRUNCATED_JSON = "truncated_json"
    SLOW = "slow"
    EMPTY = "empty"
    LIST_MISSING = "list_missing"
    SEARCH_ID_MISSING = "search_id_missing"
    CURSOR_MISSING = "cursor_missing"
    CURSOR_STUCK = "cursor_stuck"
    ERROR_WITH_200 = "error_with_200"


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One scripted fault: at which endpoint, at which requests, of which kind.

    `endpoint` is a name in `endpoints/__init__.py`, such as `video_query`, or `*`. It applies to the `nth` request
    there (1 is the next one), to `every` n-th, to requests whose window includes one of the `dates` (YYYY-MM-DD), or
    `always`; the first of these that is set decides. `times` limits how often it applies.
    """

    kind: FaultKind
    endpoint: str = "*"
    nth: int | None = None
    every: int | None = None
    dates: tuple[str, ...] = ()
    always: bool = False
    times: int | None = None
    slow_s: float = 1.0

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> Self:
        """Read a fault from JSON, as the admin address `/_sim/knobs` takes it.

        Raises:
            ValueError: A key or kind is unknown.
        """
        _refuse_unknown(cls, value)
        known = dict(value) | {"kind": FaultKind(value.get("kind", "")), "dates": tuple(value.get("dates", ()))}
        return cls(**known)


MISSING_KEYS: Mapping[str, float] = MappingProxyType(
    {"like_count": 0.04, "effect_ids": 0.96, "voice_to_text": 0.85, "playlist_id": 0.97, "music_id": 0.01},
)
"""How often a key is absent from a video, measured on real responses."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Knobs:
    """All settings of the simulator."""

    token_ttl_s: float = 7200
    token_single_active: bool = False
    oauth_error_status: int | None = None
    """The status of token errors; None is 401 for wrong credentials and 400 for other errors."""
    quota_main: int = 1_000
    records_main: int = 100_000
    quota_social: int = 20_000
    records_social: int = 2_000_000
    count_failed_requests: bool = True
    rate_per_minute: int = 600
    """Per endpoint, in any 60 seconds; 0 is no limit."""
    search_warmup_s: float = 0
    search_ttl_s: float = 86_400
    search_cache_s: float = 3_600
    search_id_rotates: bool = False
    hidden_rate: float = 0.1
    """Share of videos whose slot a search counts without showing them; `hidden_run` comes on top."""
    hidden_run: int = 200
    """How many deleted spam videos searches scan once in 14 days; 0 is none."""
    index_lag_h: float = 48
    stats_lag_days: float = 10
    deletion_rate: float = 0.0
    """Share of the videos, and of the comments, that is deleted each day."""
    renamed: Mapping[str, str] = field(default_factory=dict)
    """The present usernames of accounts that took another one, by the earlier username."""
    missing_key_rates: Mapping[str, float] = field(default_factory=lambda: MISSING_KEYS)
    null_byte_rate: float = 0.001
    fault_500_rate: float = 0.0
    fault_504_html_rate: float = 0.0
    fault_dates: tuple[str, ...] = ()
    """Days (YYYY-MM-DD) for which every video query answers 500."""
    faults: tuple[Fault, ...] = ()
    playlist_status: int = 500
    repost_key: str = "reposted_videos"
    liked_cursor_ms: bool = True
    video_id_key: Literal["id", "video_id"] = "id"
    comment_cap: int = 1_000
    closed_comments_rate: float = 0.0
    """Share of the videos whose owner closed the comments after some were written: the count is still shown."""
    username_filter_leak_rate: float = 0.0
    keyword_fuzz: bool = False
    accept_openapi_names: bool = False
    lenient_ops: bool = True
    unknown_fields: Literal["error", "ignore"] = "error"
    max_conditions: int | None = None
    max_values_per_condition: int | None = None
    followers_cap: int = 5_000
    compliance_delay_s: float = 5
    compliance_fault: Literal["", "refused", "failed", "never", "foreign_ids", "all_gone", "half_gone"] = ""
    """What goes wrong with tasks of batch compliance: they are refused, fail, are never completed, or the answer has
    ids that were not sent, no id, or every second one."""
    marks: bool = False
    """Whether descriptions of videos and texts of comments end with a word that no other record has: `mark_of(id)`."""
    ok_messages: tuple[str, ...] = ("", "ok", "ok.")

    def present_username(self, username: str) -> str:
        """The username that an account has now, by the one that the world gave it."""
        return self.renamed.get(username, username)

    def changed(self, changes: Mapping[str, Any]) -> Self:
        """A copy with some knobs changed; values may come from JSON.

        Raises:
            ValueError: No knob has that name, or a fault cannot be read.
        """
        _refuse_unknown(type(self), changes)
        changed = {name: getattr(self, name) for name in _names(type(self))} | dict(changes)
        changed["faults"] = tuple(_as_fault(fault) for fault in changed["faults"])
        changed["fault_dates"] = tuple(changed["fault_dates"])
        changed["ok_messages"] = tuple(changed["ok_messages"])
        return type(self)(**changed)


def _as_fault(value: Any) -> Fault:
    return value if isinstance(value, Fault) else Fault.from_json(value)


def _names(kind: type[Any]) -> list[str]:
    return [item.name for item in fields(kind)]


def _refuse_unknown(kind: type[Any], value: Mapping[str, Any]) -> None:
    unknown = sorted(set(value) - set(_names(kind)))
    if unknown:
        raise ValueError(f"{kind.__name__} has no {', '.join(unknown)}")
