"""Every copy of data outside the warehouse is recorded, whoever writes it."""

import ast
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

import tt_pipeline
from tt_pipeline.audit_log import audit_entries
from tt_pipeline.data_dir import DataDir
from tt_pipeline.errors import StorageFailed
from tt_pipeline.reports import exported_elsewhere, registered_copy

PACKAGE = Path(tt_pipeline.__file__).parent
NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
WRITERS = {"export_archive", "export_query", "export_sheet", "export_tables", "write_rows"}
"""What writes rows to a place that a person has named."""
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
    """The functions of a module that write a copy, themselves or by others of the module, and do not record it.

    A function that is only called within `registered_copy` may write.
    """
    functions = [each for each in ast.walk(module) if isinstance(each, ast.FunctionDef)]
    writing, callers = set(WRITERS), {function.name: called(_unrecorded(function)) for function in functions}
    while more := {name for name, calls in callers.items() if calls & writing} - writing:
        writing |= more
    everything = set().union(*(called(function) for function in functions))
    return {name for name in callers if name in writing and name not in everything}


def _unrecorded(function: ast.FunctionDef) -> ast.Module:
    """What a function does outside `registered_copy`."""

    class Without(ast.NodeTransformer):
        def visit_With(self, node: ast.With) -> ast.AST | None:
            is_recorded = any("registered_copy" in called(item.context_expr) for item in node.items)
            return None if is_recorded else self.generic_visit(node)

    copy = ast.parse(ast.unparse(function))
    return ast.Module(body=[Without().visit(copy)], type_ignores=[])


def test_whoever_writes_a_copy_records_it() -> None:
    """A function that writes a copy does it within `registered_copy`, or is only called there."""
    outside = {name: module for name, module in modules() if not name.startswith("reports/")}
    assert {name: found for name, module in outside.items() if (found := unregistered(module))} == {}
    assert {name for name, module in outside.items() if called(module) & WRITERS} == {
        "cli/export_command.py",
        "cli/once_rows.py",
    }


def test_nothing_else_writes_rows_to_files() -> None:
    """A new way of writing rows has to be added to the writers of copies, or be no copy."""
    writing = {name for name, module in modules() if called(module) & WRITES_ROWS}
    assert {name for name in writing if not name.startswith(("reports/exports/", "simulator/"))} == MAY_WRITE_ROWS


def test_a_writer_that_does_not_record_is_found() -> None:
    """The test above can fail."""
    writes = "def export_all(file):\n    write_rows(rows, file)\n"
    recorded = "def export_some(file):\n    with registered_copy(file):\n        export_all(file)\n"
    beside = recorded.replace("        export_all(file)", "        pass\n    export_all(file)")
    assert unregistered(ast.parse(writes)) == {"export_all"}
    assert unregistered(ast.parse(writes + recorded)) == set()
    assert unregistered(ast.parse(writes + beside)) == {"export_some"}


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


def test_a_copy_from_a_read_only_data_dir_says_that_nobody_finds_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The copy can be written all the same."""

    def full(*_: object) -> None:
        raise StorageFailed("Recording the export", tmp_path, "Read-only file system")

    monkeypatch.setattr("tt_pipeline.reports.provenance.export_registry.remember_export", full)
    monkeypatch.setattr("tt_pipeline.reports.provenance.export_registry.note_deed", full)
    with registered_copy(DataDir(tmp_path), tmp_path / "a.csv", "tables", NOW) as copy:
        assert copy.unrecorded
        assert copy.unnoted is None
    assert copy.unnoted
