"""Which networks can be exported, and from which tables: hashtags, follows, reposts and mentions.

Comments have no author in the Research API, so nobody can make a network of who replies to whom.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

import duckdb

from tt_pipeline.errors import UsageError

MOST_EDGES: Final = 1_000_000
"""A network is built in memory, which takes about a kilobyte for each edge."""
_TABLE: Final = re.compile(r"\{([a-z_.]+)\}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Network:
    """A network.

    Attributes:
        tables: The tables from which it comes, which are also names of it.
        of_accounts: Whether its nodes are accounts; otherwise they are hashtags.
        edges: SQL whose first two columns are the ends of an edge; the others are attributes. Tables are in braces.
        nodes: SQL whose first column is a node, the others are attributes; nodes without edges are left out.
        parts: SQL of the versions of searches, if each has a network of its own: name, fingerprint, whether it is
            current. They are bound as $search and $fingerprint.
    """

    name: str
    title: str
    tables: tuple[str, ...]
    of_accounts: bool
    is_directed: bool
    edges: str
    nodes: str
    parts: str = ""

    def sql(self, template: str, relation_of: Callable[[str], str]) -> str:
        """SQL with the name of a relation for each table."""
        return _TABLE.sub(lambda found: relation_of(found[1]), template)

    @property
    def read_tables(self) -> tuple[str, ...]:
        """Every table that its SQL reads."""
        return tuple(dict.fromkeys(_TABLE.findall(f"{self.edges} {self.nodes} {self.parts}")))


_ACCOUNTS: Final = """
select
  handles.username,
  handles.creator_id,
  handles.videos,
  handles.profile_status,
  creators.is_verified,
  creators.follower_count,
  creators.following_count,
  creators.video_count
from {marts.handles} as handles
left join {marts.creators} as creators using (creator_id)
"""
_INSTANT: Final = "'%Y-%m-%dT%H:%M:%SZ'"

NETWORKS: Final[Mapping[str, Network]] = MappingProxyType(
    {
        network.name: network
        for network in (
            Network(
                name="hashtags",
                title="Hashtags that videos have together",
                tables=("marts.hashtag_pairs",),
                of_accounts=False,
                is_directed=False,
                parts="select distinct search, fingerprint, is_current from {marts.hashtag_pairs} order by all",
                edges="""
                    select hashtag, other_hashtag, videos as weight, videos, npmi, lift, log_likelihood, is_requested
                    from {marts.hashtag_pairs} where search = $search and fingerprint = $fingerprint order by all
                """,
                nodes="""
                    select hashtag, max(hashtag_videos) as videos from (
                      select hashtag, hashtag_videos
                      from {marts.hashtag_pairs} where search = $search and fingerprint = $fingerprint
                      union all
                      select other_hashtag, other_videos
                      from {marts.hashtag_pairs} where search = $search and fingerprint = $fingerprint
                    ) group by hashtag
                """,
            ),
            Network(
                name="follows",
                title="Accounts that follow others",
                tables=("marts.follow_edges", "core.follows"),
                of_accounts=True,
                is_directed=True,
                edges=f"""
                    select
                      follower, followed, 1 as weight, seen_in, is_current, is_mutual,
                      strftime(first_seen_at at time zone 'UTC', {_INSTANT}) as first_seen_at,
                      strftime(last_seen_at at time zone 'UTC', {_INSTANT}) as last_seen_at
                    from {{marts.follow_edges}} order by all
                """,
                nodes=_ACCOUNTS,
            ),
            Network(
                name="reposts",
                title="Accounts that repost videos of others",
                tables=("marts.repost_edges",),
                of_accounts=True,
                is_directed=True,
                edges=f"""
                    select
                      reposter, creator, videos as weight, videos,
                      strftime(first_seen_at at time zone 'UTC', {_INSTANT}) as first_seen_at,
                      strftime(last_seen_at at time zone 'UTC', {_INSTANT}) as last_seen_at
                    from {{marts.repost_edges}} order by all
                """,
                nodes=_ACCOUNTS,
            ),
            Network(
                name="mentions",
                title="Creators whose videos mention others",
                tables=("core.video_mentions",),
                of_accounts=True,
                is_directed=True,
                edges="""
                    select
                      videos.username as creator, mentions.username as mentioned, count(*) as weight,
                      count(*) as videos,
                      strftime(min(created_at at time zone 'UTC'), '%Y-%m-%d') as first_date,
                      strftime(max(created_at at time zone 'UTC'), '%Y-%m-%d') as last_date
                    from {core.video_mentions} as mentions
                    join {core.videos} as videos using (video_id)
                    where videos.username is not null and mentions.username is not null
                    group by all order by all
                """,
                nodes=_ACCOUNTS,
            ),
        )
    }
)
MEANINGS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "weight": "Weight of the edge: the number of videos; 1 for a follow",
        "videos": "Different videos: of an edge with both hashtags, reposted, or with the mention; of a node all",
        "npmi": "From -1 (never together) over 0 (by chance) to 1 (never apart), within the search",
        "lift": "How many times more often they occur together than by chance, within the search",
        "log_likelihood": "Dunning's G2; 10.8 or more is rarer than one in a thousand by chance",
        "is_requested": "The query requests one of the two hashtags, or one of them contains a keyword of it",
        "seen_in": "Lists that contain it: followers (of followed), following (of follower), or both",
        "is_current": "The last complete look at one of these lists, or a later one, still contained it",
        "is_mutual": "The opposite follow was seen too; if its lists were not collected, false means little",
        "first_seen_at": "When a look first returned it, UTC",
        "last_seen_at": "When a look last returned it, UTC",
        "first_date": "UTC day of the first video that mentions the account",
        "last_date": "UTC day of the last video that mentions the account",
        "kind": "account or hashtag",
        "creator_id": "The account under its first handle, the same under all its handles",
        "profile_status": "Whether the profile is complete",
        "is_verified": "Whether the account is verified",
        "follower_count": "Followers in the latest profile",
        "following_count": "Accounts that it follows in the latest profile",
        "video_count": "Videos in the latest profile",
    }
)
"""What each attribute of an edge or a node means."""


def networks_named(names: Sequence[str]) -> list[Network]:
    """The networks with these names, or of these tables; all without a name.

    Raises:
        UsageError: There is none with a name.
    """
    return list(dict.fromkeys(_named(name.strip().lower()) for name in names)) or [*NETWORKS.values()]


def _named(name: str) -> Network:
    found = next((each for each in NETWORKS.values() if name == each.name or name in _names_of(each)), None)
    if found:
        return found
    if "comment" in name or "repl" in name or name == "marts.discussions":
        raise UsageError(
            "Comments have no author in the Research API, so there is no network of who replies to whom; nothing was "
            "written. `tt export marts.comments --format csv` writes the comments with their parents."
        )
    raise UsageError(
        f"{name!r} is not a network; --format gexf and graphml write {', '.join(NETWORKS)}. For tables use another "
        "format, for example csv."
    )


def _names_of(network: Network) -> set[str]:
    return {part for table in network.tables for part in (table, table.partition(".")[2])}


def check_edges(
    connection: duckdb.DuckDBPyConnection, network: Network, sql: str, values: Mapping[str, str], format_: str
) -> None:
    """Check that a network is not too large to be built in memory.

    Raises:
        UsageError: It is.
    """
    ((edges,),) = connection.execute(f"select count(*) from ({sql})", dict(values)).fetchall()
    if edges > MOST_EDGES:
        raise UsageError(
            f"{network.name} has {edges:,} edges, and a {format_} file is built in memory with at most "
            f"{MOST_EDGES:,}; nothing was written. `tt export {network.tables[0]} --format csv` writes them as a table."
        )
