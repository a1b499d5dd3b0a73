"""The endpoints of the API, one module for each thing that is asked for; here is their list."""

from tt_pipeline.simulator.endpoints.comments import list_comments
from tt_pipeline.simulator.endpoints.users import user_info
from tt_pipeline.simulator.endpoints.videos import query_videos
from tt_pipeline.simulator.flow import Endpoint

ENDPOINTS = (
    Endpoint(name="video_query", path="/v2/research/video/query", reply=query_videos),
    Endpoint(name="comment_list", path="/v2/research/video/comment/list", reply=list_comments),
    Endpoint(name="user_info", path="/v2/research/user/info", reply=user_info),
)
"""Every address under /v2/research/, without its last slash."""
