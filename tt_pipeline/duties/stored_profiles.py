"""Which stored profiles are requested again, which are gone, and which lose names, texts and picture for their age."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

import polars as pl

from tt_pipeline.codebook.fields import PROFILE_TEXTS
from tt_pipeline.duties.due_checks import DueChecks, state_of
from tt_pipeline.erased_subjects import plain_username
from tt_pipeline.studies import CHECKS_PART_OF_QUOTA, ComplianceRules, Study
from tt_pipeline.vocabulary import Username
from tt_pipeline.warehouse import MISSING, VERIFIED_AT, Writer, items

_DROPPED_FROM: Final = 0.75
"""Of keep_profile_days. When one profile reaches that age, all that are older than this part of it lose their texts,
because the warehouse is built again each time."""
_FEW_GONE: Final = 20
"""So many accounts may be gone at once without any doubt."""
_WITH_TEXT: Final = f"""
with look as (
  select
    lower(username) as name,
    max(username) as username,
    max(observed_at) filter (refusal is null) as seen_at
  from core.user_snapshots
  group by name
  having bool_or({" or ".join(f"{column} is not null" for column in sorted(PROFILE_TEXTS))})
),
by_video as (
  select lower(username) as name, max({VERIFIED_AT}) as seen_at
  from {items("video")} join core.videos on video_id = item_id
  where not {MISSING}
  group by name
)
select username, greatest(look.seen_at, case when $is_strict then null else by_video.seen_at end) as verified_at
from look left join by_video using (name)
"""
_CHECKED: Final = f"""
from ({state_of("profile")})
join (
  select
    lower(username) as item_id,
    max(username) as username,
    max(observed_at) as asked_at,
    asked_at::date = $now::date and min(observed_at)::date < $now::date as is_asked_again_today
  from core.user_snapshots group by item_id
) using (item_id)
order by verified_at, item_id
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class DueProfiles:
    """The checks of profiles, and why refusals are not believed.

    Attributes:
        doubt: One sentence; "" if they are believed.
    """

    checks: DueChecks[Username]
    doubt: str

    def gone(self, *, is_believed: bool = False) -> frozenset[Username]:
        """Accounts that two answers refused; none while that is doubted, unless a person believes it."""
        return self.checks.confirmed if is_believed or not self.doubt else frozenset()


def expired_profiles(writer: Writer, study: Study, now: datetime) -> frozenset[str]:
    """Accounts whose names, texts and picture were kept as long as the study allows; their counts stay.

    Returns:
        The accounts as `plain_username` writes them; none as long as none of them is older than keep_profile_days.
    """
    keep = timedelta(days=study.keep_profile_days)
    found = writer.query(_WITH_TEXT, is_strict=study.users.is_strict)
    if found.filter(pl.col("verified_at") < now - keep).is_empty():
        return frozenset()
    return frozenset(map(plain_username, found.filter(pl.col("verified_at") < now - keep * _DROPPED_FROM)["username"]))


def due_profiles(writer: Writer, study: Study, now: datetime, *, all_before: datetime | None = None) -> DueProfiles:
    """Which profiles are requested again, of a study that verifies profiles themselves.

    A refused account is missing; it is gone when an answer at least confirm_after_days later refuses it too.

    Args:
        writer: Everything that has landed is loaded.
        study: How often.
        now: The present.
        all_before: Every account whose profile was not returned since this instant is requested now.
    """
    rules = study.compliance
    found = writer.query(
        _CHECKED,
        now=now,
        confirm_days=rules.confirm_after_days,
        refresh_days=float(rules.refresh_days),
        all_before=all_before,
    )
    missing, others = found.filter("is_missing"), found.filter(~pl.col("is_missing"))
    due, unchecked = (
        others.filter(pl.col("age") >= rules.due_after_days / rules.refresh_days),
        others.filter("is_unchecked"),
    )
    confirming = missing.filter(pl.col("is_confirmation_due") & ~pl.col("is_confirmed"))
    # An account that TikTok refuses without saying that it is gone is requested no more often than others.
    regular = due.filter(pl.col("asked_at") <= now - timedelta(days=rules.due_after_days))
    to_ask = pl.concat([confirming, unchecked if all_before else regular])
    a_day = max(1, study.quota.requests_per_day // CHECKS_PART_OF_QUOTA)
    most = max(0, a_day - int(found["is_asked_again_today"].sum()))
    checks = DueChecks(
        stored=found.height,
        due=due.height,
        overdue=others.filter(pl.col("age") > 1).height,
        missing=missing.filter(~pl.col("is_confirmed")).height,
        unchecked=unchecked.height,
        to_ask=tuple(map(Username, to_ask["username"].head(most))),
        confirmed=frozenset(map(Username, missing.filter("is_confirmed")["username"])),
        oldest_at=next(iter(others["verified_at"]), None),
    )
    return DueProfiles(checks=checks, doubt=_doubt(found, rules, now))


def _doubt(found: pl.DataFrame, rules: ComplianceRules, now: datetime) -> str:
    """If a server refuses unusually many accounts, that does not prove that they are gone."""
    asked = found.filter(pl.col("asked_at") >= now - timedelta(days=rules.refresh_days)).height
    missing = found["is_missing"].sum()
    if missing <= max(_FEW_GONE, rules.max_gone_share * asked):
        return ""
    return (
        f"Of {asked:,} accounts that were requested within {rules.refresh_days} days {missing:,} are refused, more than"
        f" max_gone_share {rules.max_gone_share:g} allows to believe."
    )
