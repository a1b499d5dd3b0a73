"""The disk of a data dir: how much room it needs, and which kinds are refused.

Network file systems are refused: file locks and SQLite do not work reliably there, and files were broken.

Linux lists each mounted file system with its kind in /proc/self/mountinfo. Elsewhere nothing is known and nothing is
refused. File systems in user space (`fuse.…`) are refused if they are known to be remote.
"""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final, NamedTuple

from tt_pipeline.errors import NetworkFolder

_GIB: Final = 1024**3
MOUNTS: Final = Path("/proc/self/mountinfo")
_REMOTE: Final = frozenset(
    {
        *("nfs", "nfs3", "nfs4", "cifs", "smb2", "smb3", "smbfs", "ncpfs", "afs", "kafs", "openafs", "coda"),
        *("9p", "drvfs", "vboxsf", "vmhgfs", "prl_fs"),  # the disk of the computer around a virtual machine or WSL
        *("lustre", "ceph", "gpfs", "beegfs", "orangefs", "pvfs2", "panfs", "glusterfs", "davfs"),
    }
)
_REMOTE_IN_USER_SPACE: Final = frozenset(
    {
        *(
            "sshfs",
            "nfs",
            "cifs",
            "smbnetfs",
            "afpfs",
            "davfs",
            "davfs2",
            "curlftpfs",
            "ftpfs",
            "gvfsd-fuse",
            "kio-fuse",
        ),
        *("rclone", "s3fs", "mount-s3", "goofys", "gcsfuse", "blobfuse", "blobfuse2", "onedriver", "vmhgfs-fuse"),
        *("glusterfs", "ceph", "ceph-fuse", "cephfs", "lustre", "beegfs", "moosefs", "mfs", "juicefs", "seaweedfs"),
        *("hdfs", "cvmfs", "cvmfs2"),
    }
)


class Mount(NamedTuple):
    """A mounted file system.

    Attributes:
        place: The folder at which it is mounted.
        kind: Its kind, for example ext4, nfs4 or fuse.sshfs.
    """

    place: Path
    kind: str


def check_is_local(folder: Path, *, setting: str, mounts: Path | None = None) -> None:
    """Check that a folder, which need not exist yet, is not on a network file system.

    Args:
        folder: The folder.
        setting: The environment variable that chooses it.
        mounts: The list of mounted file systems; None for this machine's.

    Raises:
        NetworkFolder: It is.
    """
    mount = mount_of(folder, mounts)
    # Some sandboxes have a root of 9p, which only their own processes use.
    if mount and is_remote(mount.kind) and mount.place != Path("/"):
        raise NetworkFolder(folder, setting=setting, kind=mount.kind, place=mount.place)


def is_remote(kind: str) -> bool:
    """Whether this kind of file system is on another computer, or beyond the border of a virtual machine."""
    name, _, in_user_space = kind.lower().partition(".")
    return in_user_space in _REMOTE_IN_USER_SPACE if name == "fuse" else name in _REMOTE


def mount_of(folder: Path, mounts: Path | None = None) -> Mount | None:
    """The file system on which a folder is, or will be; None where the system does not tell."""
    try:
        lines = (mounts or MOUNTS).read_text(encoding="utf-8", errors="surrogateescape").splitlines()
        resolved = folder.resolve()
    except (OSError, RuntimeError):
        return None
    # Of several at the same place the last one hides the others.
    around = [mount for mount in _mounts(lines) if resolved.is_relative_to(mount.place)]
    return max(reversed(around), key=lambda mount: len(mount.place.parts), default=None)


def _mounts(lines: list[str]) -> Iterator[Mount]:
    """Each line has the place as its fifth word, and the kind behind a dash."""
    for line in lines:
        before, _, after = line.partition(" - ")
        words, kinds = before.split(), after.split()
        if len(words) > 4 and kinds:  # noqa: PLR2004
            yield Mount(Path(_unescaped(words[4])), _unescaped(kinds[0]))


def _unescaped(word: str) -> str:
    """Blanks and backslashes of a place are written as octal numbers."""
    return re.sub(r"\\([0-7]{3})", lambda number: chr(int(number[1], 8)), word)


def needed_bytes(writer: Path) -> int:
    """Bytes that publishing and loading may need: publishing copies the writer's file, loading may double it."""
    return _GIB + 2 * (writer.stat().st_size if writer.exists() else 0)
