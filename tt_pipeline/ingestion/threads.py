"""Which replies a listing of comments did not bring: pure."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from tt_pipeline.landing import whole
from tt_pipeline.vocabulary import CommentId, VideoId


@dataclass(slots=True)
class Threads:
    """The threads below a video, as far as its pages tell."""

    video_id: VideoId
    _said: dict[int, int] = field(default_factory=dict)
    _seen: dict[int, set[int]] = field(default_factory=lambda: defaultdict(set))

    def add(self, records: Iterable[Mapping[str, Any]]) -> None:
        """Take in the comments of a page, of any page and in any order."""
        for record in records:
            comment_id, parent_id = whole(record.get("id")), whole(record.get("parent_comment_id"))
            if comment_id is None:
                continue
            if parent_id in {None, self.video_id}:
                self._said[comment_id] = whole(record.get("reply_count")) or 0
            elif parent_id is not None:
                self._seen[parent_id].add(comment_id)

    def with_missing_replies(self) -> list[CommentId]:
        """Comments that have more replies than came with the listing, in the order of the listing."""
        return [CommentId(comment_id) for comment_id, said in self._said.items() if said > len(self._seen[comment_id])]
