-- Grain: a kind of stored item.
-- Caveat: what a check has missed is left out of the published file until it is deleted or comes back.
with due as (
  select
    checks.*,
    checks.verified_date + compliance.refresh_days::int < (publication.published_at at time zone 'UTC')::date as is_overdue
  from ops.checks_due as checks, ops.compliance as compliance, ops.publish_info as publication
)
select
  kind,
  sum(items)::bigint as items,
  coalesce(sum(items) filter (not is_overdue), 0)::bigint as verified_in_time,
  coalesce(sum(items) filter (is_overdue), 0)::bigint as overdue,
  sum(missing)::bigint as missing,
  min(verified_date) as from_date,
  max(verified_date) as to_date
from due
group by kind
order by kind;
