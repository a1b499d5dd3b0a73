"""The lists that an account shows: one row for each, with its endpoint and what its asset is called and says."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from tt_pipeline.codebook import endpoints
from tt_pipeline.codebook.endpoints import Endpoint
from tt_pipeline.vocabulary import AccountList, Bucket, Dataset


@dataclass(frozen=True, slots=True, kw_only=True)
class ListRow:
    """A list that can be observed.

    Attributes:
        endpoint: Which endpoint returns it; its bucket pays for the requests.
        holds: The records in it, for people: the description of the asset begins with it.
    """

    name: AccountList
    endpoint: Endpoint
    holds: str

    @property
    def dataset(self) -> Dataset:
        """The dataset of its landed pages."""
        return Dataset(self.name.value)

    @property
    def bucket(self) -> Bucket:
        """The daily quota that its requests are counted in."""
        return self.endpoint.bucket

    @property
    def asset(self) -> str:
        """The asset that observes it, as people name it."""
        return f"{ASSET_PREFIX}{self.name}"


ASSET_PREFIX: Final = "social/"
"""The beginning of the name of every asset that observes a list."""

ACCOUNT_LISTS: Final[Mapping[AccountList, ListRow]] = MappingProxyType(
    {
        row.name: row
        for row in (
            ListRow(
                name=AccountList.FOLLOWERS,
                endpoint=endpoints.FOLLOWERS,
                holds="Accounts that follow the observed accounts",
            ),
            ListRow(
                name=AccountList.FOLLOWING,
                endpoint=endpoints.FOLLOWING,
                holds="Accounts that the observed accounts follow",
            ),
            ListRow(
                name=AccountList.LIKED,
                endpoint=endpoints.LIKED,
                holds="Videos that the observed accounts liked",
            ),
            ListRow(
                name=AccountList.PINNED,
                endpoint=endpoints.PINNED,
                holds="Videos that the observed accounts pinned",
            ),
            ListRow(
                name=AccountList.REPOSTED,
                endpoint=endpoints.REPOSTED,
                holds="Videos that the observed accounts reposted",
            ),
            ListRow(
                name=AccountList.PLAYLISTS,
                endpoint=endpoints.PLAYLIST,
                holds="Playlists of the observed accounts that found videos name",
            ),
        )
    }
)
"""Every list by its name."""
