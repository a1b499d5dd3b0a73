"""What landed pages contain: one row for each dataset, with its endpoint, its assets and the table of its records.

A list of an account is a dataset whose group is `social`: its row is all that collects it, and loads it if a table of
its grain exists.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from tt_pipeline.codebook import endpoints
from tt_pipeline.codebook.endpoints import Endpoint
from tt_pipeline.vocabulary import AccountList, Bucket, Dataset

SOCIAL: Final = "social"
"""The group of every list of an account."""

GROUPS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "videos": "Videos with snapshots, hashtags, mentions, effects and stickers, and the searches that found them.",
        "comments": "Comments with their snapshots.",
        "users": "Creators: the latest profile, and a snapshot for every time it was collected.",
        SOCIAL: "Followers, following, liked, pinned and reposted videos, playlists: every observation of each list.",
    }
)
"""What the tables of each group contain, for people; one asset loads a group, in this order."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DatasetRow:
    """A dataset, and where its records go.

    Attributes:
        endpoint: The endpoint that returns its pages.
        group: The first part of the key of the asset that collects it, and the last of the asset that loads it; ""
            where its pages are not loaded.
        table: The table that has one row for each of its records; "" where its pages are not loaded.
        holds: What the asset that collects it contains, for people: the description of the asset begins with it; "" for
            searches, and for a dataset that another one's asset collects too.
    """

    dataset: Dataset
    endpoint: Endpoint
    group: str = ""
    table: str = ""
    holds: str = ""

    @property
    def bucket(self) -> Bucket:
        """The daily quota in which its requests are counted."""
        return self.endpoint.bucket

    @property
    def asset(self) -> str:
        """The asset that collects it, as people name it; of videos each search has its own below this name."""
        return f"{SOCIAL}/{self.dataset}" if self.group == SOCIAL else self.group

    @property
    def is_by_playlist(self) -> bool:
        """Whether one request is about a playlist, of which an account may have several."""
        return self.endpoint.subject_key == "playlist_id"


def _list(dataset: Dataset, endpoint: Endpoint, table: str, holds: str) -> DatasetRow:
    return DatasetRow(dataset=dataset, endpoint=endpoint, group=SOCIAL, table=table, holds=holds)


_FOLLOWS: Final = "core.follow_snapshots"
_LISTED_VIDEOS: Final = "core.listed_video_snapshots"

DATASETS: Final[Mapping[Dataset, DatasetRow]] = MappingProxyType(
    {
        row.dataset: row
        for row in (
            DatasetRow(
                dataset=Dataset.VIDEOS,
                endpoint=endpoints.VIDEO_QUERY,
                group="videos",
                table="core.video_snapshots",
            ),
            DatasetRow(
                dataset=Dataset.COMMENTS,
                endpoint=endpoints.COMMENT_LIST,
                group="comments",
                table="core.comment_snapshots",
                holds="Comments of the videos that the searches found, each video once",
            ),
            DatasetRow(
                dataset=Dataset.REPLIES,
                endpoint=endpoints.COMMENT_LIST,
                group="comments",
                table="core.comment_snapshots",
            ),
            DatasetRow(
                dataset=Dataset.USERS,
                endpoint=endpoints.USER_INFO,
                group="users",
                table="core.user_snapshots",
                holds="Profiles of the creators whose videos the searches found, each creator once",
            ),
            _list(Dataset.FOLLOWERS, endpoints.FOLLOWERS, _FOLLOWS, "Accounts that follow the observed accounts"),
            _list(Dataset.FOLLOWING, endpoints.FOLLOWING, _FOLLOWS, "Accounts that the observed accounts follow"),
            _list(Dataset.LIKED, endpoints.LIKED, _LISTED_VIDEOS, "Videos that the observed accounts liked"),
            _list(Dataset.PINNED, endpoints.PINNED, _LISTED_VIDEOS, "Videos that the observed accounts pinned"),
            _list(Dataset.REPOSTED, endpoints.REPOSTED, _LISTED_VIDEOS, "Videos that the observed accounts reposted"),
            _list(
                Dataset.PLAYLISTS,
                endpoints.PLAYLIST,
                "core.playlist_video_snapshots",
                "Playlists of the observed accounts that found videos name",
            ),
            DatasetRow(dataset=Dataset.CANARY, endpoint=endpoints.VIDEO_QUERY),
            DatasetRow(dataset=Dataset.VALIDATIONS, endpoint=endpoints.TASK_DOWNLOAD),
        )
    }
)
"""Every dataset by its name."""

LOADED: Final[tuple[DatasetRow, ...]] = tuple(row for row in DATASETS.values() if row.table)
"""The datasets that the warehouse loads: all but canaries and validations."""

ACCOUNT_LISTS: Final[Mapping[AccountList, DatasetRow]] = MappingProxyType(
    {AccountList(row.dataset.value): row for row in LOADED if row.group == SOCIAL}
)
"""Every list of an account by its name."""


OF_FOUND_VIDEOS: Final[Mapping[str, DatasetRow]] = MappingProxyType(
    {row.asset: row for row in LOADED if row.group not in {"videos", SOCIAL} and row.dataset == row.asset}
)
"""What is collected for the videos that searches found, by asset, which has the name of its dataset; its partitions are
the UTC days of the videos."""


def datasets_in(table: str) -> tuple[Dataset, ...]:
    """The datasets whose records are rows of a table."""
    return tuple(row.dataset for row in LOADED if row.table == table)
