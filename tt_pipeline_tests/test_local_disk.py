"""A data dir on a network file system is refused by name; a usual local one is not."""

import os
from pathlib import Path

import pytest

from tt_pipeline import local_disk
from tt_pipeline.errors import NetworkFolder, SettingsError
from tt_pipeline.local_disk import check_is_local, is_remote, mount_of
from tt_pipeline.settings import Settings, check_folders
from tt_pipeline_tests.cli.builders import run

LOCAL = """
ext2 ext3 ext4 xfs btrfs zfs f2fs jfs reiserfs bcachefs overlay overlayfs tmpfs ramfs apfs hfs ufs exfat vfat ntfs3
fuseblk virtiofs fakeowner fuse fuse.fuse-overlayfs fuse.gocryptfs fuse.mergerfs fuse.grpcfuse fuse.osxfs fuse.bindfs
gfs2 ocfs2 ecryptfs aufs squashfs unknownfs
""".split()
REMOTE = "nfs nfs4 cifs smb3 smbfs 9p drvfs vboxsf lustre ceph gpfs beegfs afs fuse.sshfs fuse.rclone fuse.s3fs".split()
TABLE = r"""
21 1 8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 rw
30 21 0:50 / /mnt/lab rw - nfs4 server:/lab rw
31 21 0:51 / /mnt/with\040blank rw,relatime shared:2 master:3 - cifs //server/x rw
32 30 8:2 / /mnt/lab/scratch rw - xfs /dev/sdb rw
33 21 0:52 / /mnt/c rw,noatime - 9p C:\134 rw,dirsync,aname=drvfs
34 21 0:53 / /mnt/twice rw - nfs4 server:/twice rw
35 21 0:54 / /mnt/twice rw - tmpfs none rw
36 21 0:55 / /mnt/odd
nonsense
"""


@pytest.fixture
def mounts(tmp_path: Path) -> Path:
    """The mount table of a machine with a few mounts."""
    file = tmp_path / "mountinfo"
    file.write_text(TABLE)
    return file


def test_network_file_systems_are_known_by_their_kind() -> None:
    """An unknown kind is not refused."""
    assert [kind for kind in LOCAL if is_remote(kind)] == []
    assert [kind for kind in REMOTE if not is_remote(kind)] == []


@pytest.mark.parametrize(
    ("folder", "kind"),
    {
        "/home/lena/data": "ext4",
        "/mnt/lab/data": "nfs4",
        "/mnt/laboratory": "ext4",
        "/mnt/lab/scratch/data": "xfs",
        "/mnt/with blank/data": "cifs",
        "/mnt/c/Users/lena": "9p",
        "/mnt/twice/data": "tmpfs",
        "/mnt/lab/scratch/../data": "nfs4",
        "/mnt/odd": "ext4",
    }.items(),
)
def test_a_folder_is_on_the_nearest_mount(mounts: Path, folder: str, kind: str) -> None:
    """This includes a folder that does not exist yet; of two mounts at one place the last one counts."""
    found = mount_of(Path(folder), mounts)

    assert found
    assert found.kind == kind


def test_the_root_of_a_sandbox_and_a_missing_table_are_not_refused(tmp_path: Path) -> None:
    """An unknown file system is not refused."""
    table = tmp_path / "mountinfo"
    table.write_text("1 1 0:1 / / rw - 9p none rw\n")

    check_is_local(tmp_path, setting="TT_DATA_DIR", mounts=table)
    check_is_local(tmp_path, setting="TT_DATA_DIR", mounts=tmp_path / "missing")
    check_is_local(tmp_path, setting="TT_DATA_DIR")


def test_a_link_to_a_network_file_system(mounts: Path, tmp_path: Path) -> None:
    """The target of the link counts."""
    (tmp_path / "data").symlink_to("/mnt/lab/data")

    with pytest.raises(NetworkFolder, match=r"nfs4, mounted at /mnt/lab\), .* Set TT_LEDGER to a folder on a disk"):
        check_is_local(tmp_path / "data", setting="TT_LEDGER", mounts=mounts)


@pytest.mark.parametrize("setting", ["TT_DATA_DIR", "TT_LEDGER"])
def test_commands_refuse_it_and_reading_works(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], setting: str
) -> None:
    """Commands that open ledger or index exit with 2 before they write; `doctor` reports the same."""
    far, near = tmp_path / "far", tmp_path / "near"
    far.mkdir()
    near.mkdir()
    for folder in (far, near):
        (folder / "study.yaml").write_text("study: x\nstart: 2026-10-01\nsearches:\n  a: {hashtags: [b]}\n")
    table = tmp_path / "mountinfo"
    table.write_text(f"1 1 8:1 / / rw - ext4 d rw\n2 1 0:9 / {far} rw - fuse.sshfs lena@server: rw\n")
    monkeypatch.setattr(local_disk, "MOUNTS", table)
    monkeypatch.setenv("TT_DATA_DIR", str(far if setting == "TT_DATA_DIR" else near))
    monkeypatch.setenv(setting, str(far if setting == "TT_DATA_DIR" else far / "ledger.sqlite"))

    codes = [run("status"), run("rebuild")]
    message = " ".join(capsys.readouterr().err.split())
    codes.append(run("doctor"))
    found = " ".join(capsys.readouterr().out.split())

    assert codes == [2, 2, 1]
    for words in (message, found):
        assert f"{far} is on a network file system (fuse.sshfs, mounted at {far})" in words
        assert f"Set {setting} to a folder" in words
    assert [path.name for path in far.iterdir()] == ["study.yaml"]
    assert run("check") == 0


@pytest.mark.parametrize(("name", "shown"), [("a%25b", "%25"), ("q?x=1", "?"), ("new\nline", "\\n")])
def test_a_path_that_duckdb_or_dagster_misread(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], name: str, shown: str
) -> None:
    """It is refused by name before a file is written there; `doctor` reports the same."""
    folder = tmp_path / name
    folder.mkdir()
    (folder / "study.yaml").write_text("study: x\nstart: 2026-10-01\nsearches:\n  a: {hashtags: [b]}\n")
    monkeypatch.setenv("TT_DATA_DIR", str(folder))

    codes = [run("status"), run("rebuild")]
    message = " ".join(capsys.readouterr().err.split())
    codes.append(run("doctor"))

    assert codes == [2, 2, 1]
    assert f"which contains {shown}. DuckDB or Dagster cannot open files there" in message
    assert "TT_DATA_DIR leads to" in capsys.readouterr().out
    assert [path.name for path in folder.iterdir()] == ["study.yaml"]


def test_a_path_that_is_not_utf_8(tmp_path: Path) -> None:
    """The message can be printed on every terminal."""
    with pytest.raises(SettingsError) as refused:
        check_folders(Settings(data_dir=tmp_path / os.fsdecode(b"\xff")))

    assert "which contains \\udcff." in str(refused.value)


OTHERS = ["h#1", "100%", "%s", "sp ace 'quote", 'd"quote', "semi;colon,{x}", "brack[et]*", "ü", "$HOME"]


@pytest.mark.parametrize("name", OTHERS)
def test_other_paths_are_not_refused(tmp_path: Path, name: str) -> None:
    """These characters are not refused; `journeys/test_odd_text.py` collects in a folder that has all of them."""
    check_folders(Settings(data_dir=tmp_path / name))
