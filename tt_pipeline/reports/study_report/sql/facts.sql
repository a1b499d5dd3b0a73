-- Numbers of the study, one query each. Report, methods text and passport take every number from here and show its query.
-- A block begins with its name; `label` says in words what is counted. A study number never counts one-off searches.

-- fact: published
-- label: Published
select published_at from ops.publish_info;

-- fact: first_day
-- label: First day of posting
select min(day_date) from ops.search_coverage where status not in ('outside', 'not_due');

-- fact: last_day
-- label: Last day of posting
select max(day_date) from ops.search_coverage where status not in ('outside', 'not_due');

-- fact: first_request
-- label: First answer received
select min(first_fetched_at) from ops.loads anti join (from ops.searches where kind = 'once') using (search, fingerprint);

-- fact: last_request
-- label: Last answer received
select max(last_fetched_at) from ops.loads anti join (from ops.searches where kind = 'once') using (search, fingerprint);

-- fact: searches
-- label: Searches of the study
select count(distinct search) from ops.searches where kind = 'study' and is_current;

-- fact: sampled_searches
-- label: Searches that draw random samples
select count(distinct search) from ops.search_coverage where kind = 'sample' and status != 'outside';

-- fact: capped_days
-- label: Days of a search that were cut off at a cap
select count(*) from ops.search_coverage where status = 'capped';

-- fact: earlier_versions
-- label: Earlier versions of queries that were sent
select count(distinct part_of) from ops.searches where kind = 'study' and not is_current and first_asked_at is not null;

-- fact: search_days
-- label: Days of searches that have reached their age
select count(*) from ops.search_coverage where status not in ('outside', 'not_due');

-- fact: complete_search_days
-- label: Days of searches that are complete
select count(*) from ops.search_coverage where status = 'complete';

-- fact: days
-- label: Different days of posting
select count(distinct day_date) from ops.search_coverage where status not in ('outside', 'not_due');

-- fact: looks_planned
-- label: Planned looks at each day
select max(looks_planned) from ops.search_coverage where status != 'outside';

-- fact: videos
-- label: Different videos that the present searches found
select count(distinct video_id) from core.found_videos where kind != 'once' and is_current;

-- fact: fitting_videos
-- label: Of these, videos that fit a query or cannot be judged
select count(distinct video_id)
from core.found_videos
where kind != 'once' and is_current and matches is distinct from false;

-- fact: earlier_videos
-- label: Videos that only earlier versions of queries found
select count(*)
from (select video_id from core.found_videos where kind != 'once' group by video_id having not bool_or(is_current));

-- fact: once_videos
-- label: Videos that only one-off searches found, which the study does not count
select count(*)
from (select video_id from core.found_videos group by video_id having bool_and(kind = 'once'));

-- fact: creators
-- label: Creators of the videos that fit
select count(distinct coalesce(renamed.creator_id, video.username))
from core.videos as video
semi join (from core.found_videos where kind != 'once' and is_current and matches is distinct from false) using (video_id)
left join core.renamed_handles as renamed on renamed.username = video.username;

-- fact: renames
-- label: Creators that are known to have changed their handle
select count(distinct creator_id) from core.renamed_handles;

-- fact: comments
-- label: Comments and replies under the videos of the present searches
select count(*)
from core.comments
semi join (from core.found_videos where kind != 'once' and is_current) using (video_id);

-- fact: replies
-- label: Of these, replies
select count(*) filter (is_reply)
from core.comments
semi join (from core.found_videos where kind != 'once' and is_current) using (video_id);

-- fact: drawn_videos
-- label: Videos drawn for their comments
select count(*) from ops.comment_coverage where is_sampled and stratum is not null;

-- fact: profiles
-- label: Profiles that were returned
select count(*) from ops.account_coverage where list = 'profile' and status = 'complete';

-- fact: refused_profiles
-- label: Profiles that were refused or not found
select count(*) from ops.account_coverage where list = 'profile' and status in ('refused', 'private', 'not_found');

-- fact: observed_accounts
-- label: Accounts whose lists were observed
select count(distinct username) from marts.account_looks where is_complete;

-- fact: list_entries
-- label: Entries in the latest complete look at each list
select sum(entries)::bigint
from (select arg_max(entries, look) as entries from marts.account_looks where is_complete group by username, list);

-- fact: requests
-- label: Requests charged to the quota
select count(*) from ops.requests where is_charged and study = :study;

-- fact: wasted_requests
-- label: Charged requests that returned nothing because of an error or a refusal
select count(*)
from ops.requests
where is_charged and study = :study and code is distinct from 'ok' and code is distinct from 'counted_again'
  and coalesce(records, 0) = 0;

-- fact: pages
-- label: Answers that were loaded
select sum(lines)::bigint from ops.loads anti join (from ops.searches where kind = 'once') using (search, fingerprint);

-- fact: hidden_share
-- label: Share of slots that the API counted and did not return, all looks
select sum(hidden) / sum(slots)
from (
  select any_value(window_hidden) as hidden, any_value(window_slots) as slots
  from ops.look_coverage
  where is_current and ends = 'complete' and draw is null and window_slots > 0
  group by load_id
);

-- fact: gone_videos
-- label: Fitting videos that a later complete look did not return
select count(*) from marts.video_survival where is_current and matches is distinct from false and is_gone;

-- fact: looked_for_videos
-- label: Fitting videos that a later complete look could have returned
select count(*) from marts.video_survival where is_current and matches is distinct from false and is_looked_for;

-- fact: deletions
-- label: Items deleted from the data
select count(*) from ops.deletions;

-- fact: overdue_checks
-- label: Stored items whose check is overdue
select coalesce(sum(items), 0)::bigint
from ops.checks_due, ops.compliance, ops.publish_info
where verified_date + refresh_days::int < (published_at at time zone 'UTC')::date;

-- fact: failed_checks
-- label: Checks of the data that failed
select count(distinct check_name) from ops.check_results where not has_passed;

-- fact: unread_pages
-- label: Landed pages that cannot be read completely and were not replaced
select count(*) from ops.quarantine where is_open;

-- fact: software
-- label: Version of tt_pipeline that published
select made_by from ops.publish_info;

-- fact: duckdb
-- label: Version of DuckDB
select duckdb_version from ops.publish_info;

-- fact: tables
-- label: Version of the tables
select schema_version from ops.publish_info;
