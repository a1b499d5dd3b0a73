"""Finds the comments whose replies a listing left out."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from tt_pipeline.ids import id_number, whole_number
from tt_pipeline.vocabulary import CommentId, VideoId


@dataclass(slots=True)
class Threads:
    """The comments of a video and their replies on its landed pages."""

    video_id: VideoId
    _reply_counts: dict[int, int] = field(default_factory=dict)
    _replies: dict[int, set[int]] = field(default_factory=lambda: defaultdict(set))

    def add(self, records: Iterable[Mapping[str, Any]]) -> None:
        """Add the comments of a page; pages may come in any order."""
        for record in records:
            comment_id, parent_id = id_number(record.get("id")), id_number(record.get("parent_comment_id"))
            if comment_id is None:
                continue
            if parent_id in {None, self.video_id}:
                self._reply_counts[comment_id] = whole_number(record.get("reply_count")) or 0
            elif parent_id is not None:
                self._replies[parent_id].add(comment_id)

    def with_missing_replies(self) -> list[CommentId]:
        """Comments with more replies than the listing returned, in the order in which they were added."""
        return [
            CommentId(comment_id)
            for comment_id, count in self._reply_counts.items()
            if count > len(self._replies[comment_id])
        ]
