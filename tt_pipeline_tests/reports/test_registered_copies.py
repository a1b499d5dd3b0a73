"""Every copy of data outside the warehouse is recorded, whoever writes it."""

import ast
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

import tt_pipeline
from tt_pipeline.audit_log import audit_entries
from tt_pipeline.reports import exported_elsewhere, registered_copy
from tt_pipeline.settings import DataDir

PACKAGE = Path(tt_pipeline.__file__).parent
NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
WRITERS = {"export_archive", "export_query", "export_sheet", "export_tables", "write_rows"}
"""What writes rows to a place that a person has named."""
KNOWN = {"cli/export_command.py", "cli/once_rows.py"}
WRITES_ROWS = {"write_csv", "write_parquet", "write_ndjson", "write_excel", "write_json", "sink_parquet", "sink_csv"}
MAY_WRITE_ROWS = {
    "cli/tables.py",  # to standard output
    "duties/row_files.py",  # into a copy that is recorded
    "reports/returned_ids.py",  # numbers by month
}


def modules() -> Iterator[tuple[str, ast.Module]]:
    """The modules of the package, with their paths in it."""
    for path in sorted(PACKAGE.rglob("*.py")):
        yield path.relative_to(PACKAGE).as_posix(), ast.parse(path.read_text(encoding="utf-8"))


def called(node: ast.AST) -> set[str]:
    """Names of the functions that are called somewhere in it."""
    functions = (each.func for each in ast.walk(node) if isinstance(each, ast.Call))
    return {f.id if isinstance(f, ast.Name) else f.attr for f in functions if isinstance(f, ast.Name | ast.Attribute)}


def unregistered(module: ast.Module) -> set[str]:
    """The writers of copies that a module calls, if nothing in it records a copy."""
    calls = called(module)
    return set() if "registered_copy" in calls else calls & WRITERS


def test_whoever_writes_a_copy_records_it() -> None:
    """A module that calls a writer of copies does it within `registered_copy`."""
    found = {
        name: calls for name, module in modules() if not name.startswith("reports/") if (calls := unregistered(module))
    }
    assert found == {}
    assert {name for name, module in modules() if called(module) & WRITERS} >= {
        "cli/export_command.py",
        "cli/once_rows.py",
    }


def test_nothing_else_writes_rows_to_files() -> None:
    """A new way of writing rows has to be added to the writers of copies, or be no copy."""
    writing = {name for name, module in modules() if called(module) & WRITES_ROWS}
    assert {name for name in writing if not name.startswith(("reports/exports/", "simulator/"))} == MAY_WRITE_ROWS


def test_a_writer_that_does_not_record_is_found() -> None:
    """The test above can fail."""
    module = ast.parse("def export_all(file):\n    write_rows(rows, file)\n")
    assert unregistered(module) == {"write_rows"}


def test_a_copy_is_recorded_before_it_is_written_and_noted_when_it_is_complete(tmp_path: Path) -> None:
    """The audit log says what, when and how many; a copy that failed and left nothing is forgotten."""
    files, place = DataDir(tmp_path / "data"), tmp_path / "elsewhere.csv"
    files.internal.mkdir(parents=True)
    with registered_copy(files, place, "tables", NOW) as copy:
        assert exported_elsewhere(files) == [place]
        assert list(audit_entries(files.audit)) == []
        place.write_text("video_id\n")
        copy.rows = 7
    (entry,) = audit_entries(files.audit)
    assert (entry["what"], entry["counts"], entry["note"]) == ("export", '{"rows": 7}', f"tables: {place}")

    with pytest.raises(OSError, match="full"), registered_copy(files, tmp_path / "failed.csv", "tables", NOW):
        raise OSError("the disk is full")
    assert exported_elsewhere(files) == [place]
    assert len(list(audit_entries(files.audit))) == 1
