"""Runs that a person launches in Dagster's UI: they say their price first, and a high one needs a tag.

The person has chosen the days, but cannot see that some were collected before or that the query was edited since. So a
run that would request collected days again for more than `quota.confirm_above` sends nothing and names the tag that
agrees to it. The price is that of the whole backfill, because each of its runs may be cheap.
"""

from datetime import UTC, date, datetime

import dagster as dg

from tt_pipeline.counted import counted
from tt_pipeline.coverage import StudyCoverage, Workspace, quota_bucket
from tt_pipeline.errors import PriceNotConfirmed
from tt_pipeline.orchestration.names import AGAIN_TAG, ASSETS_TAG, BACKFILL_TAG, CONFIRMED_TAG
from tt_pipeline.planning import (
    Estimate,
    Repeat,
    confirmations,
    edited_searches,
    price_of_days,
    repeats_again,
)
from tt_pipeline.quota import days_of_quota

_REMEDY = "Launch it again with the tag tt/confirmed = true, or run `tt collect --yes`."


def is_launched_by_hand(run: dg.DagsterRun) -> bool:
    """Whether a person launched the run, rather than the schedule or the sensor."""
    return ASSETS_TAG not in run.tags


def say_price(context: dg.AssetExecutionContext, workspace: Workspace) -> None:
    """Log what the run will cost; it is the first thing that a run says.

    Raises:
        Failure: It would request collected days again, the price is above the limit, and nobody has agreed to it.
    """
    asset, days, coverage = "/".join(context.asset_key.path), days_of_launch(context), workspace.coverage()
    since = again_since(context)
    price = price_of_days(coverage, asset, days, again_since=since).total
    context.log.info(_sentence(asset, days, price, workspace))
    if context.run.tags.get(CONFIRMED_TAG) == "true":
        return
    repeats = _repeats(context, coverage, days, since)
    limit = workspace.study.quota.confirm_above
    if missing := confirmations(workspace.files).missing(repeats, limit=limit):
        requests = sum(repeat.most for repeat in missing)
        error = PriceNotConfirmed([f"{each}" for each in missing], requests=requests, limit=limit, remedy=_REMEDY)
        raise dg.Failure(f"{error}", allow_retries=False)


def _sentence(asset: str, days: list[date], price: Estimate, workspace: Workspace) -> str:
    use = workspace.use(quota_bucket(asset))
    quota = days_of_quota(price.likely, per_day=use.limit)
    spread = "" if price.low == price.high else f" ({price.low:,.0f} to {price.high:,.0f})"
    return (
        f"Price: {asset}, {counted(len(days), 'day')} from {min(days)} to {max(days)}: about "
        f"{counted(round(price.likely), 'request')}{spread}, {counted(quota, 'day')} of quota; "
        f"{use.left:,} of {counted(use.limit, 'request', 'are')} left today."
    )


def _repeats(
    context: dg.AssetExecutionContext, coverage: StudyCoverage, days: list[date], since: datetime | None
) -> list[Repeat]:
    """What the whole run would request again: each of its assets decides by the same sum."""
    selected = {"/".join(key.path) for key in context.run.asset_selection or ()} or {*coverage.study.collects}
    edited = [each.followed_by(selected) for each in edited_searches(coverage, days) if each.asset in selected]
    return edited + (repeats_again(coverage, sorted(selected), days, since) if since else [])


def days_of_launch(context: dg.AssetExecutionContext) -> list[date]:
    """The days that the person chose for this asset: those of the whole backfill, which may be many runs."""
    backfill_id = context.run.tags.get(BACKFILL_TAG)
    backfill = context.instance.get_backfill(backfill_id) if backfill_id else None
    targets = backfill.asset_backfill_data if backfill else None
    chosen = targets.target_subset.partitions_subsets_by_asset_key.get(context.asset_key) if targets else None
    return sorted(
        date.fromisoformat(key) for key in (chosen.get_partition_keys() if chosen else context.partition_keys)
    )


def again_since(context: dg.AssetExecutionContext) -> datetime | None:
    """The instant at which one more look was requested: the value of the tag, or the creation of the first such run.

    A retry after a pause has the same tag, so it only collects what is older than this instant.
    """
    again = context.run.tags.get(AGAIN_TAG)
    if again is None:
        return None
    if again != "true":
        return datetime.fromisoformat(again)
    first = context.instance.get_run_record_by_id(context.run.root_run_id or context.run.run_id)
    return first.create_timestamp.astimezone(UTC) if first else None
