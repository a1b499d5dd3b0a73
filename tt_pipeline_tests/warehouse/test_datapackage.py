"""The Data Package of the warehouse is the catalog in a machine-readable form."""

import json
import subprocess
import sys

from tt_pipeline.warehouse.catalog import TABLES
from tt_pipeline.warehouse.catalog.datapackage import warehouse_package

_VALIDATE = """
import json, sys
from frictionless import Package
list(map(print, Package.metadata_validate(json.load(sys.stdin)) or []))
"""


def test_every_table_and_column_is_described() -> None:
    """Tables and columns are in the catalog's order with their comments; keys that may be NULL are left out."""
    resources = {resource["name"]: resource for resource in warehouse_package()["resources"]}
    assert list(resources) == list(TABLES)
    for name, table in TABLES.items():
        fields = resources[name]["schema"]["fields"]
        assert [(field["name"], field["description"]) for field in fields] == [
            (column.name, column.comment) for column in table.columns
        ]
    assert resources["core.videos"]["schema"]["primaryKey"] == ["video_id"]
    assert "primaryKey" not in resources["core.video_versions"]["schema"]


def test_a_public_program_understands_it() -> None:
    """Frictionless finds no error in the description."""
    package = json.dumps(warehouse_package())
    ended = subprocess.run(
        [sys.executable, "-c", _VALIDATE], input=package, capture_output=True, text=True, check=False
    )
    assert (ended.returncode, ended.stdout) == (0, ""), ended.stderr
