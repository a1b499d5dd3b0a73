"""POST /v2/research/playlist/info/: the videos of a playlist; successful responses come with HTTP 500.

Source: https://developers.tiktok.com/doc/research-api-specs-query-playlist-info/
"""

from tt_pipeline.simulator.endpoints.paging import page_by_position
from tt_pipeline.simulator.people import owner_of_playlist
from tt_pipeline.simulator.randomness import seeded_share
from tt_pipeline.simulator.request_parsing import ParsedRequest, read_count, read_number
from tt_pipeline.simulator.responses import Reply, invalid_params
from tt_pipeline.simulator.state import State
from tt_pipeline.simulator.video_model import Video

_DEFAULT_COUNT = 20


def playlist_info(state: State, request: ParsedRequest) -> Reply:
    """One page of a playlist's video ids."""
    playlist_id = read_number(request.body, "playlist_id")
    count, cursor = read_count(request.body, _DEFAULT_COUNT), read_number(request.body, "cursor", 0)
    videos = _videos_in(state, playlist_id)
    if not videos:
        raise invalid_params(f"Playlist {playlist_id} is invalid")
    page = page_by_position(videos, cursor=cursor, count=count)
    return Reply(
        status=state.knobs.playlist_status,
        data={
            "playlist_id": playlist_id,
            "playlist_name": f"{videos[0].topic.title()} by {videos[0].creator.display_name}",
            "playlist_item_total": len(videos),
            "playlist_last_updated": videos[0].create_time,
            "playlist_video_ids": [video.id for video in page.items],
            **page.position,
        },
    )


def _videos_in(state: State, playlist_id: int) -> list[Video]:
    """The videos whose own record names this playlist, newest first."""
    index = owner_of_playlist(playlist_id)
    creators = state.world.people.creators
    if index is None or index >= len(creators):
        return []
    rate = state.knobs.missing_key_rates.get("playlist_id", 0)
    own = state.world.videos_by(creators[index])
    return [video for video in own if seeded_share("playlist_id", video.id) >= rate and state.exists(video)]
