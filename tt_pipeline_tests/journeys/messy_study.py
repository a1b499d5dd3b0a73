"""A collected study in which everything is untidy that real studies have: for numbers that somebody recomputes.

Two looks at six days; between them every fifth found video is deleted, two creators take another handle, and a query is
edited. One search is a sample, one is cut off at a cap, one is a list of ids, one has a day that nobody requested.
Comments are drawn, profiles and followers are requested, requests fail, a check fails, and items were deleted.
"""

import shutil
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

import duckdb

from tt_pipeline.coverage import days_between
from tt_pipeline.ingestion import collect_list
from tt_pipeline.ingestion.delivery import load_landed, publish_warehouse, write_ops_tables
from tt_pipeline.ingestion.found_videos import COLLECTIONS
from tt_pipeline.ingestion.videos import collect_videos
from tt_pipeline.simulator import Fault, FaultKind, Knobs, Simulator, World
from tt_pipeline.vocabulary import AccountList, Dataset
from tt_pipeline_tests.collection_lab import Lab
from tt_pipeline_tests.contract.shared_server import SharedServer
from tt_pipeline_tests.frozen_clock import FrozenClock

DAYS = days_between(date(2026, 11, 3), date(2026, 11, 8))
GAP = date(2026, 11, 6)
LOOKS_AT = (datetime(2026, 11, 12, 12, tzinfo=UTC), datetime(2026, 11, 24, 12, tzinfo=UTC))
STUDY = """\
study: "Klima & <b>bees</b>"
start: 2026-11-03
end: 2026-11-08
looks: [3, 12]
searches:
  climate: {{hashtags: [climate, klima]}}
  green: {{hashtags: {green}}}
  drawn: {{hashtags: [climate, klima, football, fussball], sample: {{random: 20, draws: 2}}}}
  capped: {{hashtags: [football, fussball], max_videos_per_day: 10}}
  words: {{keywords: [train]}}
  {last}
comments: {{min_comments: 1, replies: true, sample: {{per_stratum: 2}}}}
users: true
accounts: {{usernames: [{account}], lists: [followers]}}
quota: {{requests_per_day: 1000, requests_per_second: 500}}
"""
GREEN = ("[klima, solarpower, climatechange]", "[solarpower, climatechange]")


_BROKEN = """\
update core.found_videos set kind = 'capped' where search = 'capped';
update ops.searches set kind = 'once' where search = 'dropped';
update core.found_videos set kind = 'once' where search = 'dropped';
update ops.search_coverage set kind = 'capped' where search = 'capped';
update ops.search_coverage set status = 'capped' where search = 'capped' and day_date >= '2026-11-07';
update marts.daily_volume set kind = 'capped' where search = 'capped';
update marts.daily_volume set status = 'capped', is_comparable = false
where search = 'capped' and day_date >= '2026-11-07';
update core.videos set region_code = null
where video_id in (select video_id from core.videos order by video_id limit 9);
update core.comments set is_reply = true, parent_comment_id = 5
where comment_id in (select min(comment_id) from core.comments group by video_id having count(*) > 30);
insert into ops.check_results values
  ('counts_are_usual', 'climate', false, 'warning', 'Counts of @somebody under 7704817983216284657 are odd.',
    3, 9, null, null, '2026-11-24 12:00:00+00');
insert into ops.deletions values
  ('video', 'a', 'request', '2026-11-20 12:00:00+00'), ('video', 'b', 'request', '2026-11-21 23:30:00+00'),
  ('comment', 'c', 'gone', '2026-11-22 12:00:00+00');
update ops.checks_due set verified_date = '2026-11-02' where kind = 'comment'
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class MessyStudy:
    """The published file, and how it was at the first look, with another list of searches."""

    published: Path
    earlier: Path


def collect_messy(server: tuple[SharedServer, str], folder: Path) -> MessyStudy:
    """Collect and publish at both looks."""
    shared_server, base_url = server
    clock = FrozenClock(LOOKS_AT[0])
    world = World(last_day=date(2026, 11, 20), seed=7, days=20, videos_per_day=400)
    knobs = Knobs(
        rate_per_minute=10**6, hidden_rate=0.3, keyword_fuzz=True, faults=(Fault(kind=FaultKind.ERROR_500, every=37),)
    )
    simulator = Simulator(world, knobs=knobs, now=clock.now)
    shared_server.put_on(simulator)
    lab = Lab(simulator, base_url, folder, clock)
    published, earlier = folder / "warehouse.duckdb", folder / "earlier.duckdb"
    creators = sorted({video.creator.username for video in world.videos(DAYS[0])})
    ids = [f"{video.id}" for day in DAYS for video in world.videos(day)[:20]]
    last = ("dropped: {hashtags: [solarpower]}", f"listed: {{video_ids: [{', '.join(ids)}]}}")
    for look in (0, 1):
        clock.instant = LOOKS_AT[look]
        lab.study = STUDY.format(green=GREEN[look], last=last[look], account=creators[0])
        _collect(lab)
        if look == 0:
            shutil.copyfile(published, earlier)
            _change(simulator, published)
    _break(published)
    return MessyStudy(published=published, earlier=earlier)


def _collect(lab: Lab) -> None:
    with lab.session() as session:
        for search in session.study.searches:
            days = [day for day in DAYS if search.name != "climate" or day != GAP]
            collect_videos(session, search, days)
        for dataset in (Dataset.COMMENTS, Dataset.USERS):
            COLLECTIONS[dataset].collect(session, DAYS)
        collect_list(session, AccountList.FOLLOWERS, [lab.clock.now().date()])
        load_landed(session, *Dataset)
        write_ops_tables(session)
        publish_warehouse(session)


def _change(simulator: Simulator, published: Path) -> None:
    """Delete every fifth video of a list, and rename the two creators with most videos."""
    with duckdb.connect(published, read_only=True) as connection:
        found = connection.execute(
            "select distinct video_id from core.found_videos where kind = 'list' order by video_id"
        ).fetchall()
        most = connection.execute(
            "select username from core.videos group by username order by count(*) desc, username limit 2"
        ).fetchall()
    for (video_id,) in found[::5]:
        simulator.delete(video_id=video_id)
    simulator.change_knobs(renamed={name: f"{name}_new" for (name,) in most})


def _break(published: Path) -> None:
    """Write by hand what would take a longer study: a capped search, a one-off one, a failed check, deletions."""
    with duckdb.connect(published) as connection:
        for statement in _BROKEN.split(";"):
            connection.execute(statement)
