"""Exports networks of the published file: hashtags, follows, reposts and mentions."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Final

from tt_pipeline.reports.answers import reading
from tt_pipeline.reports.exports.extra_libraries import check_library
from tt_pipeline.reports.exports.folder import Export, unfinished
from tt_pipeline.reports.exports.network_files import parts_of, write_network
from tt_pipeline.reports.exports.networks import Network, networks_named
from tt_pipeline.reports.exports.read_back import OF_ACCOUNT, OF_HASHTAG
from tt_pipeline.reports.exports.source import Shape, memory_for
from tt_pipeline.reports.exports.tables import write_folder
from tt_pipeline.reports.pseudonymous.pseudonymised import Pseudonymiser, Pseudonymous
from tt_pipeline.reports.pseudonymous.treatments import Treatment
from tt_pipeline.warehouse import open_published

_TREATMENTS: Final[Mapping[str, Treatment]] = {
    OF_ACCOUNT: Treatment.ACCOUNT,
    OF_HASHTAG: Treatment.MASKED,
    "creator_id": Treatment.ACCOUNT,
    "label": Treatment.NAMES_REPLACED,
    "seen_in": Treatment.NAMES_REPLACED,
    "profile_status": Treatment.NAMES_REPLACED,
}
"""What happened to the columns of a network, as `read_back.py` names them; the others are numbers and times."""


def export_networks(
    published: Path, names: Sequence[str], folder: Path, shape: Shape, *, pseudonymous: Pseudonymous | None = None
) -> Export:
    """Write networks to a new folder.

    Args:
        published: The published file.
        names: Names of networks or of their tables; all networks without a name.
        folder: The new folder.
        shape: How the files are written.
        pseudonymous: How accounts get pseudonyms; None writes them as they are.

    Raises:
        UsageError: Nothing is published, a network is unknown or too large, a library is missing, or the folder exists.
        ExportFailed: The folder could not be written; its partial files were deleted.
        HandleLeft: A pseudonymous export has a handle in it; it was deleted.
    """
    networks = networks_named(names)
    check_library(shape.format)
    with (
        reading(published),
        open_published(published, settings=memory_for(published), folder=unfinished(folder)) as connection,
    ):
        pseudonymiser = Pseudonymiser(connection, pseudonymous) if pseudonymous else None
        parts = parts_of(connection, networks, _relations(networks, pseudonymiser), shape.format)
        return write_folder(
            connection,
            folder,
            shape,
            title=f"Networks: {', '.join(network.name for network in networks)}",
            tables=sorted({table for network in networks for table in network.read_tables}),
            files=lambda place, _: (
                (write_network(connection, part, place, shape.format), _TREATMENTS) for part in parts
            ),
            pseudonymiser=pseudonymiser,
        )


def _relations(networks: Sequence[Network], pseudonymiser: Pseudonymiser | None) -> Callable[[str], str]:
    """The relation of each table: the table itself, or its view with pseudonyms."""
    tables = {table for network in networks for table in network.read_tables}
    if pseudonymiser is None:
        return str
    return {table: pseudonymiser.view_of(table).relation for table in tables}.__getitem__
