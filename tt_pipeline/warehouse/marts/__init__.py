"""The views and macros that analysts read: one `.sql` file each; their columns are explained in `catalog/marts.py`."""

from importlib.resources import files


def statements() -> list[str]:
    """What makes them all: macros first, because views use them."""
    scripts = sorted(
        (file for file in files(__name__).iterdir() if file.name.endswith(".sql")),
        key=lambda file: (file.name != "macros.sql", file.name),
    )
    return [script.read_text(encoding="utf-8") for script in scripts]
