"""Each data dir remembers with which client key it was collected, so that no study spends another project's quota.

A key belongs to one approved project. Only the key's fingerprint is stored. On a simulator every key is as good.
"""

import json

from tt_pipeline.data_dir import DataDir
from tt_pipeline.errors import KeyChanged
from tt_pipeline.quota import Ledger, key_of
from tt_pipeline.safe_files import write_whole
from tt_pipeline.settings import Settings, is_loopback


def known_key(files: DataDir) -> str | None:
    """The fingerprint of the data dir's key; None before the first answer, or if its file is damaged."""
    try:
        known = json.loads(files.client_key.read_bytes())["client_key"]
    except (OSError, ValueError, TypeError, KeyError, RecursionError):
        return None
    return known if isinstance(known, str) else None


def check_key(settings: Settings) -> None:
    """Check that the data dir was collected with this key, or with none yet; a missing key is not this one's matter.

    Raises:
        KeyChanged: It was collected with another key.
    """
    known, present = known_key(settings.files), key_of(settings)
    is_real = settings.client_key.get_secret_value() and not is_loopback(settings.api_base_url)
    if is_real and known not in {None, present}:
        raise KeyChanged(settings.data_dir, earlier=f"{known}", present=present)


def accept_key(settings: Settings) -> None:
    """Let the data dir be collected with this key from now on."""
    write_whole(settings.files.client_key, json.dumps({"client_key": key_of(settings)}) + "\n")


def recall_key(settings: Settings, ledger: Ledger, zone: str) -> None:
    """Remember the key of a data dir that does not know it: by its earlier requests in the ledger.

    Args:
        settings: The data dir.
        ledger: The ledger, perhaps of several machines.
        zone: The identity of the landing folder.
    """
    if known_key(settings.files) is None and (key := ledger.key_of_zone(zone)):
        write_whole(settings.files.client_key, json.dumps({"client_key": key}) + "\n")
