"""DuckDB's extensions for DuckLake, installed from packages of the registry, which `make distributed` puts there."""

from importlib.resources import files
from typing import Final

import duckdb

EXTENSIONS: Final = ("ducklake", "sqlite_scanner", "postgres_scanner", "httpfs")


def install_extensions() -> None:
    """Install them into DuckDB's folder in the home folder of this process."""
    with duckdb.connect() as connection:
        for name in EXTENSIONS:
            folder = files(f"duckdb_extension_{name}") / "extensions" / f"v{duckdb.__version__}"
            connection.execute(f"install '{folder / f'{name}.duckdb_extension'}'")
