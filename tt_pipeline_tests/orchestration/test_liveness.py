"""The daemon is as alive as the part of it that has been silent for longest."""

from datetime import UTC, datetime
from pathlib import Path

from dagster._daemon.types import DaemonHeartbeat

from tt_pipeline.data_dir import DataDir
from tt_pipeline.orchestration import oldest_heartbeat, open_instance


def test_one_silent_part_counts(tmp_path: Path) -> None:
    """A daemon whose sensors have stopped is not alive, and before each part has shown itself nobody knows."""
    with open_instance(DataDir(tmp_path)) as instance:
        first, *others = instance.get_required_daemon_types()
        for part in others:
            instance.add_daemon_heartbeat(DaemonHeartbeat(2_000.0, part, "d"))
        assert oldest_heartbeat(instance) is None
        instance.add_daemon_heartbeat(DaemonHeartbeat(1_000.0, first, "d"))
        assert oldest_heartbeat(instance) == datetime.fromtimestamp(1_000, UTC)
