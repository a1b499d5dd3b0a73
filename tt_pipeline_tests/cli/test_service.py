"""A service is installed completely or not at all, and `tt service status` says whether the collection is alive."""

import os
import plistlib
import shutil
import socket
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pexpect
import pytest
from dagster._utils.schedules import is_valid_cron_string

from tt_pipeline.cli.service_managers import ManagerName, manager_of_this_machine
from tt_pipeline.cli.service_texts import Service, cron_line, launchd_agent, systemd_unit
from tt_pipeline.clock import real_now
from tt_pipeline.coverage import note_publication_failure
from tt_pipeline.data_dir import DataDir
from tt_pipeline.errors import UsageError
from tt_pipeline.safe_files import shared_lease_if_free
from tt_pipeline_tests.builders import free_port
from tt_pipeline_tests.cli.builders import run
from tt_pipeline_tests.collection_lab import STUDY

ODD = "a b % $HOME \"c\" 'd'"
PROGRAM = """\
#!/bin/sh
echo "$(basename "$0") $*" >> "$CALLS"
case "$*" in {fails}) echo "it is not allowed here" >&2; exit 1;; esac
"""
CRONTAB = """\
#!/bin/sh
if [ "$1" = -l ]; then
  if [ -f "$TABLE" ]; then cat "$TABLE"; else echo "no crontab for you" >&2; exit 1; fi
else cat > "$TABLE"; fi
"""


def odd_service(folder: Path) -> Service:
    """A service whose folder has every character that needs care."""
    place = folder / ODD
    (place / "data" / "internal").mkdir(parents=True)
    variables = {"HTTPS_PROXY": "http://me:50%@proxy:8080"}
    return Service(folder=place, data_dir=place / "data", python=Path(sys.executable), port=3000, environment=variables)


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="systemd is not installed")
def test_systemd_accepts_the_unit(tmp_path: Path) -> None:
    """Also with odd names; the words are those that were meant."""
    service = odd_service(tmp_path)
    unit = tmp_path / f"{service.name}.service"
    unit.write_text(systemd_unit(service))
    done = subprocess.run(
        ["systemd-analyze", "--user", "verify", unit],
        env={**os.environ, "XDG_RUNTIME_DIR": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")


def test_launchd_gets_whole_words(tmp_path: Path) -> None:
    """The property list has every word as it is."""
    service = odd_service(tmp_path)
    agent = plistlib.loads(launchd_agent(service).encode())
    assert (agent["ProgramArguments"], agent["WorkingDirectory"]) == (service.serving, f"{service.folder}")
    assert agent["EnvironmentVariables"] == service.environment


def test_cron_runs_the_line(tmp_path: Path) -> None:
    """Cron turns an escaped % into % and gives the rest to sh, which changes to the folder and sets the variables."""
    service = odd_service(tmp_path)
    when, command = " ".join(cron_line(service).split(" ")[:5]), " ".join(cron_line(service).split(" ")[5:])
    assert is_valid_cron_string(when)
    assert "%" not in command.replace("\\%", "")
    shell = command.replace("\\%", "%").replace(f"{sys.executable} -m tt_pipeline.cli collect --plain", "env")
    subprocess.run(["/bin/sh", "-c", shell], env={"HOME": "/nowhere", "PATH": os.defpath}, check=True)
    written = service.log.read_text()
    assert f"PWD={service.folder}" in written
    assert "HTTPS_PROXY=http://me:50%@proxy:8080" in written


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home with a study below it, on a machine whose managers write down what they are told."""
    programs, project = tmp_path / "bin", tmp_path / "climate"
    (project / "data" / "internal").mkdir(parents=True)
    programs.mkdir()
    (project / "data" / "study.yaml").write_text(STUDY)
    monkeypatch.chdir(project)
    for name, value in {"HOME": tmp_path, "CALLS": tmp_path / "calls", "TABLE": tmp_path / "table"}.items():
        monkeypatch.setenv(name, str(value))
    monkeypatch.delenv("XDG_CONFIG_HOME", raising=False)
    monkeypatch.setenv("PATH", f"{programs}:{os.defpath}")
    put(tmp_path, "systemctl", PROGRAM.format(fails="nothing"))
    put(tmp_path, "launchctl", PROGRAM.format(fails="print*"))
    put(tmp_path, "crontab", CRONTAB)
    return tmp_path


def put(home: Path, name: str, text: str) -> None:
    """A program of the machine."""
    (home / "bin" / name).write_text(text)
    (home / "bin" / name).chmod(0o755)


def install(manager: str, *options: str) -> int:
    """Install a service on a port that is free; returns the exit code."""
    return run("service", "install", "--with", manager, "--port", f"{free_port()}", *options)


def files(home: Path) -> list[str]:
    """The files that a manager would read."""
    found = (home / ".config", home / "Library")
    return sorted(path.name for folder in found for path in folder.rglob("*") if path.is_file())


@pytest.mark.parametrize("manager", list(ManagerName))
def test_a_service_is_installed_once_and_removed(
    home: Path, manager: ManagerName, capsys: pytest.CaptureFixture[str]
) -> None:
    """The second time it is refused with the place; after removing nothing of ours is left, and all of others'."""
    (home / "table").write_text("# mine\n0 1 * * * backup\n")
    assert install(manager) == 0
    assert ("climate" in "".join(files(home)) or "climate" in (home / "table").read_text()) is True

    capsys.readouterr()
    assert install("cron") == 2
    assert "It is installed already: " in capsys.readouterr().err

    assert run("service", "remove") == 0
    assert run("service", "remove") == 0
    assert "nothing was changed" in capsys.readouterr().out
    assert (files(home), (home / "table").read_text()) == ([], "# mine\n0 1 * * * backup\n")


@pytest.mark.parametrize("manager", ["systemd", "launchd"])
def test_a_port_that_is_taken_is_refused(
    home: Path, manager: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """By the service of another study, also while that does not run, and by any program that listens now."""
    port = free_port()
    assert run("service", "install", "--with", manager, "--port", f"{port}") == 0
    (first,) = files(home)
    with socket.create_server(("127.0.0.1", 0)) as other:
        busy = other.getsockname()[1]
        (home / ".env").write_text(f"TT_DATA_DIR={home / 'football'}\n")
        monkeypatch.chdir(home)
        (home / "football").mkdir()
        (home / "football" / "study.yaml").write_text(STUDY)
        capsys.readouterr()
        for taken, why in ((port, f"{first} has port {port} already. Nothing was"), (busy, f"Port {busy} is in use")):
            assert run("service", "install", "--with", manager, "--port", f"{taken}") == 2
            said = capsys.readouterr().err
            assert (why in said, said.count("\n")) == (True, 1)
    assert files(home) == [first]
    assert install(manager) == 0


@pytest.mark.parametrize(
    ("manager", "program", "fails"),
    [
        ("systemd", "systemctl", "*enable*"),
        ("systemd", "systemctl", "*daemon-reload*"),
        ("launchd", "launchctl", "*"),
        ("cron", "crontab", "*"),
    ],
)
def test_a_manager_that_refuses_leaves_nothing(
    home: Path, capsys: pytest.CaptureFixture[str], manager: str, program: str, fails: str
) -> None:
    """One sentence with its own words."""
    put(home, program, PROGRAM.format(fails=fails))
    assert install(manager) == 2
    said = " ".join(capsys.readouterr().err.split())
    assert said == f"{program} refused: it is not allowed here. Nothing was installed or removed."
    assert files(home) == []


def test_a_folder_that_cannot_be_written_leaves_nothing(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The message names it."""
    (home / ".config").write_text("a file")
    assert install("systemd") == 1
    assert f"{home / '.config'}" in capsys.readouterr().err.replace("\n", "")
    assert not (home / "calls").exists()


def test_an_unknown_machine_is_told_of_cron(home: Path) -> None:
    """Nothing is guessed."""
    put(home, "systemctl", PROGRAM.format(fails="*"))
    for platform in ("freebsd14", "linux"):
        with pytest.raises(UsageError, match=rf"found on this machine \({platform}\). Nothing .* --with cron` writes"):
            manager_of_this_machine(platform)
    assert manager_of_this_machine("darwin") is ManagerName.LAUNCHD


def test_what_only_the_shell_knows_is_refused(
    home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A service would run without it; a secret is not written into a unit."""
    (home / "climate" / ".env").write_text("TT_CLIENT_SECRET=hush\n")
    monkeypatch.setenv("TT_CLIENT_SECRET", "hush")
    assert install("cron") == 0
    assert run("service", "remove") == 0
    monkeypatch.setenv("TT_CLIENT_SECRET", "other")
    capsys.readouterr()
    assert install("cron") == 2
    said = capsys.readouterr().err
    assert said.startswith("TT_CLIENT_SECRET is set in this shell")
    assert "other" not in said


def test_no_other_user_can_read_the_password_of_a_proxy(
    home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Cron would have it in the arguments of a process, and --show on the screen."""
    monkeypatch.setenv("HTTPS_PROXY", "http://me:hush@proxy.example.org:8080")
    for manager in ("cron", "systemd"):
        assert run("service", "install", "--with", manager, "--show") == 0
    assert install("cron") == 2
    said = capsys.readouterr()
    assert ("hush" in said.out + said.err, "proxy.example.org" in said.out, "has a password" in said.err) == (
        *(False, True, True),
    )
    assert not (home / "table").exists()


def test_showing_changes_nothing(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The text is what would be installed."""
    assert run("service", "install", "--with", "launchd", "--show") == 0
    assert plistlib.loads(capsys.readouterr().out.encode())["WorkingDirectory"] == f"{home / 'climate'}"
    assert files(home) == []


def test_a_terminal_shows_the_text_as_it_is(home: Path) -> None:
    """A line that the screen breaks would be two lines of a crontab."""
    command = [sys.executable, "-m", "tt_pipeline.cli", "service", "install", "--with", "cron", "--show"]
    shown = str(pexpect.run(" ".join(command), cwd=str(home / "climate"), encoding="utf-8", timeout=60))
    assert len(shown.splitlines()) == 1


def test_nothing_that_runs_is_not_alive(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """`tt collect` makes it alive for a day, a failed publication ends that."""
    data = DataDir(home / "climate" / "data")
    assert run("service", "status") == 1
    assert "nothing runs" in capsys.readouterr().out

    last = data.internal / "last_collect"
    last.touch()
    assert run("service", "status") == 0
    assert "Alive." in capsys.readouterr().out

    note_publication_failure(data, "the disk is full")
    assert run("service", "status") == 1
    assert "the last one failed: the disk is full" in capsys.readouterr().out
    (data.internal / "publication_failure.txt").unlink()

    study = (home / "climate" / "data" / "study.yaml").read_text()
    (home / "climate" / "data" / "study.yaml").write_text("study: [")
    assert run("service", "status") == 1
    assert "cannot be read" in capsys.readouterr().out
    (home / "climate" / "data" / "study.yaml").write_text(study)

    old = (real_now() - timedelta(hours=27)).timestamp()
    os.utime(last, (old, old))
    assert run("service", "status") == 1


def test_a_service_that_does_not_run_is_not_alive(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """What systemd says is shown; where `tt up` holds its lease, it runs."""
    put(home, "systemctl", PROGRAM.format(fails="nothing") + "echo failed\n")
    assert install("systemd") == 0
    assert run("service", "status") == 1
    said = capsys.readouterr().out
    assert "systemd says failed" in said
    assert "does not run, although it is installed" in said

    put(home, "systemctl", PROGRAM.format(fails="nothing") + "echo active\n")
    internal = home / "climate" / "data" / "internal"
    (internal / "up.txt").write_text("http://127.0.0.1:3000 (process 7)\n")
    with shared_lease_if_free(internal / "up.lock"):
        assert run("service", "status") == 0
    assert "runs at http://127.0.0.1:3000 (process 7)" in " ".join(capsys.readouterr().out.split())
