"""Publish targets: copies of the published file elsewhere, as Parquet files or in a DuckLake.

A target is made from the published file alone, after it. It is replaced as a whole, so that a reader sees one
publication or the next. It has the name of the landing folder that it comes from, and refuses any other.
"""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Protocol

from tt_pipeline.publish_address import PublishAddress, TargetKind
from tt_pipeline.warehouse.targets.ducklake import DuckLakeTarget
from tt_pipeline.warehouse.targets.parquet import ParquetTarget
from tt_pipeline.warehouse.targets.places import place_of

__all__ = ["Target", "open_target"]


class Target(Protocol):
    """A place with a copy of the published file."""

    def publish(
        self,
        published: Path,
        *,
        expected_at: datetime | None,
        most_earlier: int | None,
        creates: bool,
        before_writing: Callable[[], None],
    ) -> bool:
        """Replace the copy; returns whether there was one.

        Args:
            published: The published file.
            expected_at: Which publication should be there. Of any other, and of those before it, nothing stays.
            most_earlier: How many earlier publications may stay readable; None for as many as the target keeps.
            creates: Whether the copy may be the first one there.
            before_writing: Called when the place has proved to be ours, before it gets data.

        Raises:
            TargetUnusable: It cannot be written, or belongs to something else; the copy before it is unchanged.
            StorageFailed: This machine's disk is full.
        """
        ...

    def remove(self) -> None:
        """Delete the copy, and every earlier one.

        Raises:
            TargetUnusable: It cannot be reached or changed.
        """
        ...


def open_target(address: PublishAddress, internal: Path, *, share_group: str | None = None) -> Target:
    """The target at an address; nothing is opened yet.

    Args:
        address: Where it is.
        internal: The pipeline's folder of the data dir, for temporary files.
        share_group: The Unix group that may read its files on a local disk; None for their owner alone.
    """
    if address.kind is TargetKind.DUCKLAKE:
        return DuckLakeTarget(address, internal, share_group)
    return ParquetTarget(address, internal, place_of(address, internal, share_group))
