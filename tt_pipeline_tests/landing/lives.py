"""Three machines that land, pack, delete, are killed, cut off, paused and damaged; and what is wrong afterwards."""

from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import zstandard
from hypothesis import strategies as st
from obstore.store import MemoryStore

from tt_pipeline.erased_subjects import NamedSubjects
from tt_pipeline.errors import ContinuedElsewhere, CorruptLanding, SharedLandingFailed
from tt_pipeline.landing import Envelope, LandingWriter, LandingZone, window_load_id
from tt_pipeline_tests.builders import FINGERPRINT, envelope, video
from tt_pipeline_tests.landing.machines import Fate, Killed, Machine, damage, objects

LOADS = [window_load_id("climate", FINGERPRINT, (date(2026, 10, 1), date(2026, 10, 3)), look) for look in (1, 2)]
FOLDER = ("videos", "climate", FINGERPRINT[:8])

KINDS = ("append", "append", "append", "append", "pack", "end", "redact", "damage", "pull")
Action = tuple[int, str, int, int, tuple[int, bool, bool] | None]
ACTIONS = st.lists(
    st.tuples(
        st.integers(0, 2),  # machine
        st.sampled_from(KINDS),
        st.integers(0, 1),  # load
        st.integers(0, 10_000),  # which page, which byte
        st.one_of(st.none(), st.none(), st.tuples(st.integers(0, 12), st.booleans(), st.booleans())),
    ),
    max_size=25,
)


@dataclass
class Process:
    """What a machine has open: a zone, and the writer of one load."""

    zone: LandingZone
    opened: ExitStack
    load: int | None = None
    writer: LandingWriter | None = None


@dataclass
class World:
    """Three machines, and what is known of the pages that were paid for."""

    machines: list[Machine]
    processes: dict[int, Process] = field(default_factory=dict)
    landed: set[int] = field(default_factory=set)
    """Pages whose append has returned."""
    erased: set[int] = field(default_factory=set)
    number: int = 0

    def process(self, host: int) -> Process:
        """The process of a machine, which is started if there is none."""
        if host not in self.processes:
            opened = ExitStack()
            try:
                zone = opened.enter_context(self.machines[host].open())
            except BaseException:
                opened.close()
                raise
            self.processes[host] = Process(zone=zone, opened=opened)
        return self.processes[host]

    def end(self, host: int) -> None:
        """The process of a machine ends."""
        self.machines[host].fate.is_dead = True  # nothing is sent by leaving a context
        if process := self.processes.pop(host, None):
            with suppress(Killed):
                process.opened.close()
        self.machines[host].fate = Fate()

    def writer(self, host: int, load: int) -> LandingWriter:
        """The writer of a load, with the lease of its folder; for another load a new process begins."""
        process = self.process(host)
        if process.writer is not None and process.load != load:
            self.end(host)
            process = self.process(host)
        if process.writer is None:
            process.opened.enter_context(process.zone.lease(*FOLDER))
            process.writer = process.opened.enter_context(process.zone.writing(LOADS[load]))
            process.load = load
        return process.writer

    def act(self, host: int, kind: str, load: int, which: int) -> None:
        """Let a machine do something."""
        machine = self.machines[host]
        match kind:
            case "append":
                self.number += 1
                page = page_of(self.number)
                writer = self.writer(host, load)
                writer.append(page)
                self.landed.add(self.number)
            case "pack":
                self.writer(host, load).pack()
                self.end(host)
            case "redact":
                self.end(host)
                with self.process(host).zone.all_leases():
                    present = sorted(numbers(machine.lines()))
                    if present:
                        number = present[which % len(present)]
                        self.process(host).zone.redact(erasing(number))
                        self.erased.add(number)
                self.end(host)
            case "damage":
                self.end(host)
                files = sorted(path for path in machine.root.rglob("*.ndjson*") if ".damaged-" not in path.name)
                if files:
                    damage(files[which % len(files)], which)
            case "pull":
                self.process(host).zone.catch_up()
            case "end":
                self.end(host)

    def act_with_fate(self, host: int, kind: str, load: int, which: int, fate: tuple[int, bool, bool] | None) -> None:
        """Let a machine do something, and perhaps be killed or cut off meanwhile."""
        if fate:
            steps, is_killed, is_done = fate
            self.machines[host].fate = Fate(steps=steps, is_killed=is_killed, is_done=is_done)
        try:
            self.act(host, kind, load, which)
        except (Killed, ContinuedElsewhere, SharedLandingFailed, CorruptLanding):
            self.end(host)
        self.machines[host].fate.steps = float("inf")

    def problems(self) -> dict[str, Any]:
        """What is not as it should be."""
        first = self.machines[0]
        found, store = numbers(first.lines()), objects(first.store)
        complete = {name[len("landed/") : -len(".ndjson.zst")] for name in store if name.startswith("landed/")}
        stored = b"".join(line for machine in self.machines for line in machine.lines())
        return {
            "differ": [machine.files().keys() for machine in self.machines if machine.files() != first.files()],
            "twice": [number for number, times in Counter(found).items() if times > 1],
            "lost": sorted(self.landed - self.erased - set(found)),
            "kept": [number for number in self.erased if str(video(number)["id"]).encode() in stored],
            "left": [name for name in store if name[len("open/") :].rpartition("/")[0] in complete],
            "unsent": self.differences(),
        }

    def differences(self) -> list[str]:
        """Files of the first machine that are not what the bucket has."""
        shared = objects(self.machines[0].store)
        files: dict[str, bytes] = {}
        for name, content in shared.items():
            if name.startswith("open/"):
                file = name[len("open/") :].rpartition("/")[0] + ".ndjson"
                files[file] = files.get(file, b"") + content
            elif name.startswith("landed/") and content:
                files[name[len("landed/") :]] = zstandard.ZstdDecompressor().decompressobj().decompress(content)
        own = self.machines[0].files()
        return sorted(name for name in own.keys() | files.keys() if own.get(name, b"") != files.get(name, b""))


def page_of(number: int) -> Envelope:
    return envelope(video(number), request={"cursor": number}, log_id=f"page-{number}", ends=None, has_more=True)


def numbers(lines: list[bytes]) -> list[int]:
    found = []
    for line in lines:
        with suppress(Exception):
            found.append(int((Envelope.read(line).log_id or "").removeprefix("page-")))
    return found


def erasing(number: int) -> Any:
    return NamedSubjects(videos=frozenset({video(number)["id"]}))


@contextmanager
def world(store: Any) -> Iterator[World]:
    with TemporaryDirectory() as folder:
        yield World([Machine(Path(folder) / name, store) for name in "abc"])


def problems(actions: Iterable[Action], store: Any = None) -> dict[str, Any]:
    """What is wrong after these actions, when every machine has been started twice more."""
    with world(store or MemoryStore()) as machines:
        for action in actions:
            machines.act_with_fate(*action)
        for _ in range(2):
            for host, machine in enumerate(machines.machines):
                machines.end(host)
                with machine.open() as zone:
                    assert zone.index.unreadable == ()
        return {problem: found for problem, found in machines.problems().items() if found}
