"""POST /v2/research/validation_task/…: upload ids, wait, and download those that are still valid.

Source: https://developers.tiktok.com/doc/research-api-specs-batch-compliance/
"""

from tt_pipeline.simulator.randomness import snowflake
from tt_pipeline.simulator.request_parsing import ParsedRequest, read_number
from tt_pipeline.simulator.responses import Reply, invalid_file_upload, invalid_params, scope_not_authorized
from tt_pipeline.simulator.state import State, ValidationTask
from tt_pipeline.simulator.visibility import find_comment

_MOST_IDS = 10_000
_CATEGORIES = {"video", "comment"}


def create_task(state: State, request: ParsedRequest) -> Reply:
    """Accept a file of ids and start a task."""
    if state.knobs.compliance_fault == "refused":
        raise scope_not_authorized()
    if request.form.get("category") not in _CATEGORIES:
        raise invalid_params("category is invalid")
    lines = [line.strip() for line in request.form.get("file_data", "").splitlines() if line.strip()]
    if not 1 <= len(lines) <= _MOST_IDS or not all(_is_id(line) for line in lines):
        raise invalid_file_upload()
    now_s = state.clock.second()
    task_id = snowflake(int(now_s), state.random)
    ids = tuple(int(line) for line in lines)
    state.tasks[task_id] = ValidationTask(category=request.form["category"], ids=ids, created_s=now_s)
    return Reply(data={"task_id": task_id}, names_status=True)


def task_status(state: State, request: ParsedRequest) -> Reply:
    """Whether a task is done."""
    _, task = _find(state, request)
    status = "Completed" if _is_done(state, task) else "Processing"
    return Reply(
        data={"task_status": "Failed" if state.knobs.compliance_fault == "failed" else status}, names_status=True
    )


def download_task(state: State, request: ParsedRequest) -> Reply:
    """The ids that are still valid, as text, one id a line."""
    task_id, task = _find(state, request)
    if not _is_done(state, task):
        raise invalid_params(f"Task {task_id} is not completed")
    valid = [item for item in task.ids if _is_valid(state, task.category, item)]
    match state.knobs.compliance_fault:
        case "foreign_ids":
            valid = [item + 1 for item in valid]
        case "all_gone":
            valid = []
        case "half_gone":
            valid = valid[::2]
    return Reply(plain_text="".join(f"{item}\n" for item in valid))


def _is_id(line: str) -> bool:
    return line.isascii() and line.isdigit() and int(line) < 1 << 63


def _find(state: State, request: ParsedRequest) -> tuple[int, ValidationTask]:
    task_id = read_number(request.body, "task_id")
    if task_id not in state.tasks:
        raise invalid_params("task_id is invalid")
    return task_id, state.tasks[task_id]


def _is_done(state: State, task: ValidationTask) -> bool:
    if state.knobs.compliance_fault == "never":
        return False
    return state.clock.second() >= task.created_s + state.knobs.compliance_delay_s


def _is_valid(state: State, category: str, item: int) -> bool:
    if category == "video":
        return state.exists(state.world.video(item))
    return find_comment(state, item) is not None
