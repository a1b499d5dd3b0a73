"""The project that a command works on, and where a project was last used.

A command in the wrong folder would otherwise answer from no data, or start a second project. Paths of the last data
dirs are remembered in a file that only its owner can read; it has no other content, and can be deleted.
"""

import json
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Final

from tt_pipeline.errors import NoProject, TtPipelineError
from tt_pipeline.file_modes import keep_private
from tt_pipeline.safe_files import write_whole

if TYPE_CHECKING:  # needs pydantic, which `tt --help` does without
    from tt_pipeline.data_dir import DataDir
    from tt_pipeline.settings import Settings

_MOST: Final = 5
_INVENTED: Final = ("demo", "../practice")
"""Where the demo and the simulator's hint keep invented data, from the usual data dir."""


def project_settings() -> "Settings":
    """The settings, of a data dir that has a study or data; the data dir is remembered as the last one used.

    Raises:
        NoProject: It has neither; the message says where a project was last used. Nothing was changed.
        SettingsError: A setting is wrong.
    """
    from tt_pipeline.settings import Settings, read_settings

    settings = read_settings()
    files = settings.files
    if settings.study_file.exists() or _has_data(files):
        _remember(files.root)
        return settings
    others = [root for root in dict.fromkeys(_others(files.root)) if root.resolve() != files.root.resolve()]
    raise NoProject(
        files.root.resolve(),
        study=settings.study_file.resolve(),
        last_used=others[:1],
        is_set_by_variable=settings.data_dir != Settings().data_dir,
    )


def settings_for(study: Path | None) -> "Settings":
    """The settings; only a command that names its study needs no project.

    Raises:
        NoProject: See `project_settings`.
        SettingsError: A setting is wrong.
    """
    from tt_pipeline.settings import read_settings

    return read_settings() if study else project_settings()


def _has_data(files: "DataDir") -> bool:
    return files.published.exists() or files.internal.exists()


def _others(root: Path) -> Iterator[Path]:
    """Other data dirs: those that were used last, then those of the demo and the simulator in this folder."""
    from tt_pipeline.data_dir import DataDir

    yield from (known for known in _remembered() if (known / "study.yaml").exists() or _has_data(DataDir(known)))
    yield from (below for name in _INVENTED if _has_data(DataDir(below := (root / name).resolve())))


def _file() -> Path | None:
    from tt_pipeline.settings import state_folder

    folder = state_folder()
    return folder and folder / "tt_pipeline" / "last_used.json"


def _remembered() -> list[Path]:
    """The data dirs that were used last, the latest first; a file that cannot be read counts as empty."""
    with suppress(OSError, ValueError, RecursionError):
        file = _file()
        known = json.loads(file.read_bytes()) if file and file.is_file() else []
        return [Path(root) for root in known if str(root).startswith("/")] if isinstance(known, list) else []
    return []


def _remember(root: Path) -> None:
    """Put a data dir before the others; where no file can be written, commands work without the list."""
    file, roots = _file(), [root.resolve(), *_remembered()]
    if file:
        keep_private()
        with suppress(TtPipelineError, OSError, ValueError):
            latest = [str(known) for known in dict.fromkeys(roots)][:_MOST]
            write_whole(file, json.dumps(latest, indent=2) + "\n")
