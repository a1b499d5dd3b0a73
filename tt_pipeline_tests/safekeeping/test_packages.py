"""Installed packages are compared with the versions that were tested."""

from importlib.metadata import version
from pathlib import Path

from tt_pipeline.safekeeping import ComparedPackages, compare_packages


def test_another_version_is_named(tmp_path: Path) -> None:
    """With what is installed and what was tested; what is not installed or not in the list is left out."""
    lock = tmp_path / "requirements.lock"
    httpx, polars = version("httpx"), version("polars")
    lock.write_text(f"HTTPX==0.1\nno_such_package==1\npolars==0.1 ; python_version < '3'\npolars=={polars} ; x\n")
    assert compare_packages([tmp_path / "gone", lock]) == ComparedPackages(number=2, other=(("httpx", httpx, "0.1"),))


def test_a_clone_compares_with_its_lock() -> None:
    """The list lies beside the package, and in the wheel within it."""
    assert compare_packages().number > 50
