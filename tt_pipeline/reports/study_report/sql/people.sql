-- Grain: a result of requesting the profiles of creators; and how many creators are known to have changed their handle.
-- Caveat: a rename is known only if a video was found before and after it.
select
  'profile ' || status as result,
  count(*) as accounts
from ops.account_coverage
where list = 'profile'
group by status
union all
select
  'renamed',
  count(distinct creator_id)
from core.renamed_handles
having count(*) > 0
order by accounts desc, result;
