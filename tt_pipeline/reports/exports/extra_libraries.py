"""The libraries of the extra `formats`: imported when a format needs them, and named when they are missing."""

from collections.abc import Mapping
from importlib import import_module
from types import MappingProxyType
from typing import Any, Final

from tt_pipeline.errors import UsageError
from tt_pipeline.vocabulary import ExportFormat

INSTALL: Final = "pip install 'tt-pipeline[formats]'"
_LIBRARIES: Final[Mapping[ExportFormat, tuple[str, str]]] = MappingProxyType(
    {
        ExportFormat.XLSX: ("xlsxwriter", "XlsxWriter"),
        ExportFormat.DTA: ("pyreadstat", "pyreadstat"),
        ExportFormat.SAV: ("pyreadstat", "pyreadstat"),
        ExportFormat.GEXF: ("networkx", "networkx"),
        ExportFormat.GRAPHML: ("networkx", "networkx"),
    }
)
"""The module that writes each format, and its package."""


def check_library(format_: ExportFormat) -> None:
    """Check that the library of a format is installed.

    Raises:
        UsageError: It is missing; nothing was written.
    """
    if format_ in _LIBRARIES:
        library_of(format_)


def library_of(format_: ExportFormat) -> Any:
    """The module that writes a format.

    Raises:
        UsageError: It is not installed.
    """
    module, package = _LIBRARIES[format_]
    try:
        return import_module(module)
    except ImportError as error:
        raise UsageError(f"--format {format_} needs {package}, which is not installed: {INSTALL}") from error
