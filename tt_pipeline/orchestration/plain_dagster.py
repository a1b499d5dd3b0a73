"""The storage of plain `dagster dev`: the Dagster instance of the data dir that TT_DATA_DIR names.

The dagster.yaml beside README.md names these classes instead of folders, because a folder there could not follow
TT_DATA_DIR: `dagster dev` would run a data dir on the instance of another one.
"""

from pathlib import Path
from typing import Any, Self

from dagster._core.storage.local_compute_log_manager import LocalComputeLogManager
from dagster._core.storage.root import LocalArtifactStorage
from dagster._core.storage.sqlite_storage import DagsterSqliteStorage
from dagster._serdes import ConfigurableClassData

from tt_pipeline.dagster_folder import home_of
from tt_pipeline.errors import ForeignInstance
from tt_pipeline.file_modes import keep_private
from tt_pipeline.orchestration.dagster_home import prepare_home
from tt_pipeline.orchestration.instance import starting
from tt_pipeline.settings import read_settings


class Storage(DagsterSqliteStorage):
    """Runs, events and schedules in the data dir's instance."""

    @classmethod
    def config_type(cls) -> dict[str, Any]:
        """No setting: the data dir decides."""
        return {}

    @classmethod
    def from_config_value(cls, inst_data: ConfigurableClassData | None, config_value: Any) -> Self:  # noqa: ARG003 — Dagster's interface
        """Open the storage; the first process creates it, the others wait."""
        keep_private()  # each process of `dagster dev` opens the storage before it writes anything
        home = _own_home()
        with starting(read_settings().files):
            prepare_home(read_settings().files)
            return cls(str(home), inst_data=inst_data)


class Artifacts(LocalArtifactStorage):
    """Files of runs in the data dir's instance."""

    @classmethod
    def config_type(cls) -> dict[str, Any]:
        """No setting: the data dir decides."""
        return {}

    @classmethod
    def from_config_value(cls, inst_data: ConfigurableClassData | None, config_value: Any) -> Self:  # noqa: ARG003 — Dagster's interface
        """The folder of the instance."""
        return cls(base_dir=str(_own_home()), inst_data=inst_data)


class ComputeLogs(LocalComputeLogManager):
    """Output of runs in the data dir's instance."""

    @classmethod
    def config_type(cls) -> dict[str, Any]:
        """No setting: the data dir decides."""
        return {}

    @classmethod
    def from_config_value(cls, inst_data: ConfigurableClassData | None, config_value: Any) -> Self:  # noqa: ARG003 — Dagster's interface
        """The folder `logs` of the instance."""
        return cls(base_dir=str(_own_home() / "logs"), inst_data=inst_data)


def _own_home() -> Path:
    """The instance of the data dir, if plain `dagster dev` may use it.

    Raises:
        ForeignInstance: The data dir has its runs in a DAGSTER_HOME elsewhere, whose dagster.yaml must be used.
    """
    files = read_settings().files
    home = home_of(files)
    if home != files.dagster.resolve():
        raise ForeignInstance(
            f"The runs of {files.root} are in {home}, but DAGSTER_HOME is not set.",
            remedy=f"Set DAGSTER_HOME={home}, or use `tt up`, which remembers it.",
        )
    return home
