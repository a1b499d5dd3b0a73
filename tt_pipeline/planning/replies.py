"""How many listings of replies are bought beside the listings of comments."""

import math
from dataclasses import dataclass
from typing import Final

from tt_pipeline.planning import assumptions as prior
from tt_pipeline.planning.estimate import SURE, Estimate

_IMAGINED: Final = 30
"""Requests for comments with the assumed replies that stand beside the landed ones: a single video may decide."""
_A_BURST: Final = 50
"""Listings of replies that come together: a video beyond 1,000 comments has many threads that its listing lacks."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Replies:
    """What has landed of replies.

    Attributes:
        listed: Requests for the comments of videos whose replies are held.
        requests: For these replies.
    """

    listed: int = 0
    requests: int = 0

    def each(self, further: float) -> Estimate:
        """Requests for replies beside one request for comments, on the average of so many to come."""
        if not self.listed:
            return prior.REPLIES
        likely = (self.requests + _IMAGINED * prior.REPLIES.likely) / (self.listed + _IMAGINED)
        bursts = max(0.5, self.requests / _A_BURST)
        error = SURE * math.sqrt((1 + self.listed / max(1.0, further)) / bursts)
        least = max(0.0, self.requests / self.listed * (1 - error))
        rest = prior.REPLIES.high * _IMAGINED / (self.listed + _IMAGINED)
        return Estimate(min(least, likely), likely, max(likely * (1 + error), rest))
