"""The tables of the index and the SQL that `index.py` runs on them.

Files and pages have numbers. A day is an ordinal (`date.toordinal`). The key of a found video is its `place`: the
number of its page and its position in the page. So the videos of a page follow each other and need no index of their
own.
"""

from tt_pipeline.landing.day_notes import NOTES_SCHEMA
from tt_pipeline.vocabulary import ONCE

VERSION = 5
# A cache needs no migration: it is filled from the files again.
UPGRADE = "drop table if exists files; drop table if exists pages; drop table if exists found;\
 drop table if exists unread; drop table if exists fields; drop table if exists day_notes; vacuum;"
SCHEMA = f"""
create table if not exists files (
  file integer primary key,
  load_id text not null unique,
  path text not null,
  bytes integer not null,
  changed_ns integer not null,
  lines integer not null,
  dataset text not null,
  search text,
  fingerprint text,
  look integer not null,
  window_from integer not null,
  window_to integer not null
);
create table if not exists pages (
  page integer primary key,
  file integer not null,
  line integer not null,
  dataset text not null,
  subject text,
  look integer not null,
  fetched_at text not null,
  asked text not null,
  cursor integer,
  slots integer not null,
  records integer not null,
  by_day text not null,
  refusal text,
  ends text,
  unique (file, line)
);
create table if not exists found (
  place integer primary key,
  video_id integer not null,
  day integer not null,
  username text,
  comment_count integer,
  playlist_id integer,
  mentions text
);
create table if not exists unread (
  file integer not null,
  line integer not null,
  log_id text,
  records integer not null,
  reason text not null,
  primary key (file, line)
) without rowid;
create table if not exists fields (
  dataset text not null,
  field text not null,
  first_at text not null,
  last_at text not null,
  primary key (dataset, field)
) without rowid;
create index if not exists pages_of_a_subject on pages (dataset, subject) where subject is not null;
create index if not exists pages_of_an_instant on pages (fetched_at);
create index if not exists files_of_a_search on files (dataset, search, fingerprint);
{NOTES_SCHEMA}"""

POSITION_BITS = 16
"""Of a place. No page has 65,536 records, because `json_text` reads no answer with 50,000 values."""
_IN_PAGE = f"place between page << {POSITION_BITS} and (page + 1 << {POSITION_BITS}) - 1"
# `cross join` keeps this order; SQLite would read every video first, and then look for its page among all of its file.
_FOUND_IN_FILES = f"files cross join pages using (file) cross join found on {_IN_PAGE}"

EVERYTHING = "true"
OF_STUDIES = f"files.search is not '{ONCE}'"
OF_ONCE = f"files.search is '{ONCE}'"
"""Which files a view of the index shows; `{which}` stands for it in the queries below."""

ADD_FILE = """
insert into files values (null, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
on conflict (load_id) do update
set path = excluded.path, bytes = excluded.bytes, changed_ns = excluded.changed_ns, lines = excluded.lines
"""
ADD_FOUND = "insert or replace into found values (?, ?, ?, ?, ?, ?, ?)"
# A process that read the file meanwhile may have added the page already.
ADD_PAGE = "insert or ignore into pages values (null, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
FORGET = (
    f"delete from found where place in (select place from {_FOUND_IN_FILES} where load_id = ?)",
    "delete from pages where file = (select file from files where load_id = ?)",
    "delete from unread where file = (select file from files where load_id = ?)",
    "delete from files where load_id = ?",
)
PAGE_KEYS = """
select subject, pages.look, asked, fetched_at from pages join files using (file) where load_id = ? order by line
"""
WINDOWS = """
select files.load_id, files.path, files.lines, files.search, files.fingerprint, files.look, files.window_from,
       files.window_to, p.fetched_at, p.slots, p.records, p.by_day, p.ends, coalesce(u.records, 0)
from files join pages as p using (file) left join unread as u using (file, line)
where files.dataset = 'videos' and {which} and (? = '' or files.fingerprint = ?)
  and files.window_from <= ? and files.window_to >= ?
order by files.load_id, p.line
"""
# Within a file the order of lines counts, not the time: a clock may be set back while comments are paged.
_LOOKS = """
select subject, pages.look, fetched_at, cursor, slots, pages.records, refusal, ends, coalesce(u.records, 0), window_from
from pages join files using (file) left join unread as u using (file, line)
where pages.dataset = ? and {condition} and {{which}}
order by subject, pages.look, min(fetched_at) over (partition by subject, pages.look, load_id), load_id, line
"""
SUBJECTS = _LOOKS.format(condition="subject is not null and window_from between ? and ?")
SOME_SUBJECTS = _LOOKS.format(condition="subject in (select value from json_each(?))")
_OF_QUERIES_AND_DAYS = """files.dataset = 'videos' and files.fingerprint in ({fingerprints}) and {which}
      and window_to >= :first_day and window_from <= :last_day
      and day between :first_day and :last_day and day between window_from and window_to"""
FOUND = f"""
select video_id, day, username, comment_count, mentions, max(fetched_at)
from {_FOUND_IN_FILES}
where {_OF_QUERIES_AND_DAYS}
group by video_id order by video_id
"""
FOUND_BY = f"""
select distinct video_id, fingerprint
from {_FOUND_IN_FILES}
where {_OF_QUERIES_AND_DAYS}
"""
FILES = "select load_id, path, lines, dataset from files where {which} order by load_id"
LAST_LOOK = "select coalesce(max(look), 0) from pages where dataset = ? and subject = ?"
# Several pages of a file may have come at that instant; no page lacks more records than it has. A page without records
# lacks none: how it ended says what is missing.
UNREAD_ROWS = """
select file, line, :log_id, min(records, :records), :reason
from pages join files using (file) where load_id = :load_id and fetched_at = :fetched_at
"""
PRESENT_UNREAD = "select file, line, log_id, records, reason from unread"
UNREAD = """
select load_id, path, line, files.dataset, search, fingerprint, pages.look, subject, window_from, window_to, fetched_at,
       log_id, unread.records, reason
from unread join pages using (file, line) join files using (file) order by load_id, line
"""
ADD_FIELD = """
insert into fields values (?, ?, ?, ?)
on conflict (dataset, field) do update
set first_at = min(first_at, excluded.first_at), last_at = max(last_at, excluded.last_at)
"""
PLAYLISTS = f"""
select distinct username, playlist_id
from {_FOUND_IN_FILES}
where playlist_id is not null and username is not null and fingerprint in ({{fingerprints}}) and {{which}}
order by username, playlist_id
"""
# Statements are written by tt_pipeline; everything else is an answer, which took at least one request.
REQUESTS_ON = """
select dataset, count(*) from pages
where fetched_at >= ? and fetched_at < ? and asked not like 'statement%' group by dataset order by dataset
"""
BOUGHT_TWICE = """
select coalesce(sum(bought - 1), 0) from (
  select count(*) as bought from pages join files using (file)
  group by pages.dataset, files.search, files.fingerprint, files.window_from, files.window_to, pages.subject,
           pages.look, asked
  having count(*) > 1
)
"""
# For one page that is about to be added: whether one like it is there, as `BOUGHT_TWICE` groups them.
IS_THERE_OF_SUBJECT = """
select 1 from pages join files using (file)
where pages.dataset = :dataset and subject = :subject and pages.look = :look and asked = :asked
  and files.window_from = :window_from and files.window_to = :window_to
limit 1
"""
IS_THERE_OF_WINDOW = """
select 1 from files join pages using (file)
where files.dataset = :dataset and search = :search and fingerprint = :fingerprint and files.look = :look
  and files.window_from = :window_from and files.window_to = :window_to and asked = :asked
limit 1
"""
REQUESTED_PAGES = "select count(*) from pages join files using (file) where load_id = ? and asked not like 'statement%'"
GIVEN_UP = """
select count(*) from pages
where asked not like 'statement%' and file in (select file from pages where ends = 'split')
"""
