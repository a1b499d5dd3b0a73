"""Counts what is stored and whose check is overdue; what is missing waits for its deletion and is left out."""

from tt_pipeline.warehouse.hiding import MISSING, SEEN, VERIFIED_AT, items


def overdue_items() -> list[str]:
    """One query for each kind; a row says how many of how many are overdue."""
    return [_QUERY.format(kind=kind, items=items(kind), missing=MISSING, verified_at=VERIFIED_AT) for kind in SEEN]


_QUERY = """
with stored as (
  select {verified_at} < stated_at - to_days(refresh_days::integer) as is_overdue
  from {items} cross join ops.compliance
  where not {missing} and ('{kind}' <> 'profile' or verifies_profiles)
)
select '{kind}' as kind, count(*) filter (is_overdue) as counted, count(*) as out_of
from stored
having counted > 0
"""
