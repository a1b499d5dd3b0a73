"""Commands that mount a small or read-only file system in a separate namespace."""

import subprocess
from pathlib import Path

UNSHARE = ["unshare", "--mount", "--map-root-user"]
DISK = "mount -t tmpfs -o size=40m none"
READ_ONLY = 'mount --bind "$0" "$0" && mount -o remount,ro,bind'


def can_mount(folder: Path) -> bool:
    """Whether this machine permits mounts in a namespace."""
    try:
        tried = subprocess.run([*UNSHARE, "sh", "-c", f'{DISK} "$0"', folder], capture_output=True, check=False)
    except FileNotFoundError:
        return False
    return tried.returncode == 0
