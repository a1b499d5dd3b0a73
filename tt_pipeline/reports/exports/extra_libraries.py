"""The libraries of the extra `formats`: imported when a format needs them, and named when they are missing."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final

from tt_pipeline.errors import UsageError
from tt_pipeline.vocabulary import ExportFormat

INSTALL: Final = "pip install 'tt-pipeline[formats]'"
_PACKAGES: Final[Mapping[ExportFormat, str]] = MappingProxyType(
    {
        ExportFormat.XLSX: "XlsxWriter",
        ExportFormat.DTA: "pyreadstat",
        ExportFormat.SAV: "pyreadstat",
        ExportFormat.GEXF: "networkx",
        ExportFormat.GRAPHML: "networkx",
    }
)
"""The package that writes each format."""


def check_library(format_: ExportFormat) -> None:
    """Check that the library of a format is installed.

    Raises:
        UsageError: It is missing; nothing was written.
    """
    if format_ in _PACKAGES:
        library_of(format_)


def library_of(format_: ExportFormat) -> Any:
    """The module that writes a format.

    Raises:
        UsageError: It is not installed.
    """
    try:
        match _PACKAGES[format_]:
            case "XlsxWriter":
                import xlsxwriter

                return xlsxwriter
            case "pyreadstat":
                import pyreadstat

                return pyreadstat
            case _:
                import networkx as nx

                return nx
    except ImportError as error:
        message = f"--format {format_} needs {_PACKAGES[format_]}, which is not installed: {INSTALL}"
        raise UsageError(message) from error
