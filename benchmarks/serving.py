"""What HTTP costs on top of decoding and inference, how the old server compares, and what happens at twice too much.

    python benchmarks/serving.py [--photos 8] [--runs 5] [--requests 400] [--no-record]

A whole site, started as `make run` starts it, with a model that its own training made of drawings. Beside it, in
turn, in the same run and on the same photos: a bare loop (as many processes as the site has web processes; each
decodes with the product's function and infers with the product's session) and the old system's server. The load
generator is one process on the same cores; what it costs is counted against the site. Its clients keep their
connections, as HTTP/1.1 does unless told otherwise; the same with a new one for every photo is measured beside it.
The figures go to standard output and into `benchmarks/RESULTS.md`, between its marks.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

os.environ["OMP_NUM_THREADS"] = "1"

import numpy as np
from workload import (
    ROOT,
    Answered,
    as_json,
    closed_loop,
    load,
    median,
    open_loop,
    percentile,
    photos,
    record,
    sizes,
    upload,
)

import drawings
from ml.vision.session import Session
from species.images import decode
from tests.end_to_end.site import Site, free_port

PROCESSES = 2  # platform/ops/gunicorn.py
CLIENTS = 8  # four for each web process: one photo is decoded, one looked at, and the next are there
PATH = "/api/classify"
TRAINING = {"epochs_frozen": 0, "epochs_unfrozen": 0}
TO_DO = "from jobs.models import UNFINISHED, Job; print(Job.objects.filter(state__in=UNFINISHED).count())"
RAW, ANEW, OLD, TAIL = 0.94, 0.85, 4.0, 4.0


def start_site(folder: Path) -> Site:
    """A site with a model, and nothing left to do."""
    collection = folder / "drawn"
    drawings.draw(collection, photos=90)
    site = Site(folder, "--data", str(collection), TRAIN_OPTIONS=json.dumps(TRAINING))
    try:
        site.start()
        site.wait_for_model()
        site.wait(lambda: site.shell(TO_DO) == "0", 900, "an idle queue")
    except BaseException:
        site.close()
        raise
    return site


def model_of(site: Site) -> Path:
    (folder,) = (path for path in (site.var / "models").iterdir() if not path.name.startswith("."))
    return folder


# the bare loop ---------------------------------------------------------------------------------------------


def looping(folder: Path, data: list[bytes], orders, results) -> None:
    """One process: for every number that comes, so many photos."""
    session = Session.load(folder)

    def answer(photo: bytes) -> str:
        return session.predict(np.asarray(decode.upright(photo, session.upright)))[0][0]

    results.put([answer(photo) for photo in data])
    while count := orders.get():
        used = time.process_time()
        for number in range(count):
            answer(data[number % len(data)])
        results.put(time.process_time() - used)


class BareLoop:
    def __init__(self, folder: Path, data: list[bytes]) -> None:
        context = multiprocessing.get_context("spawn")
        self._orders, self._results = context.Queue(), context.Queue()
        self.processes = [
            context.Process(target=looping, args=(folder, data, self._orders, self._results), daemon=True)
            for _ in range(PROCESSES)
        ]
        for process in self.processes:
            process.start()
        self.labels = [self._results.get() for _ in self.processes][0]

    def rate(self, count: int) -> tuple[float, float]:
        """Photos a second, `count` of them dealt to all processes, and seconds of CPU for each."""
        started = time.perf_counter()
        for _ in self.processes:
            self._orders.put(count // PROCESSES)
        used = sum(self._results.get() for _ in self.processes)
        return count / (time.perf_counter() - started), used / count

    def end(self) -> None:
        for _ in self.processes:
            self._orders.put(0)
        for process in self.processes:
            process.join(30)


# the servers -----------------------------------------------------------------------------------------------


class OldServer:
    def __init__(self) -> None:
        self.port = free_port()
        env = {key: value for key, value in os.environ.items() if key != "OMP_NUM_THREADS"}
        self.process = subprocess.Popen(
            [sys.executable, str(ROOT / "benchmarks" / "old_server.py"), str(self.port)],
            env=env,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        assert self.process.stdout is not None
        assert self.process.stdout.readline() == "ready\n", "the old server did not start"
        time.sleep(2)

    def end(self) -> None:
        self.process.terminate()
        self.process.wait(30)


def rate(port: int, requests: Sequence[bytes], count: int, clients: int) -> float:
    """Requests a second, every one of them answered well."""
    seconds, answered = closed_loop(port, requests, count, clients)
    bad = [each for each in answered if each.status != 200]
    assert not bad, f"{len(bad)} of {count} were not answered: {bad[0]}"
    return count / seconds


def cpu(site: Site) -> float:
    """Seconds that the site's web processes, their decoding children and this process have worked so far."""
    used = time.process_time()
    for pid in [*site.processes(), *children_of(site)]:
        if any(mark in command(pid) for mark in ("gunicorn", "species.images.child")):
            used += sum(map(int, stat(pid)[11:13])) / os.sysconf("SC_CLK_TCK")
    return used


def stat(pid: int) -> list[str]:
    """The fields of proc(5)'s `stat` after the command's name."""
    return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()


def memory(pid: int) -> dict[str, float]:
    """MB resident, and MB when shared pages are divided among those who share them."""
    rows = dict(line.split(":", 1) for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()[1:])
    return {name: int(rows[name].split()[0]) / 1024 for name in ("Rss", "Pss")}


def command(pid: int) -> str:
    return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode()


def memories(site: Site) -> list[str]:
    """A line for each process of the site."""
    kinds = {
        "species.images.child": "decoding child",
        "gunicorn": "web",
        "celery": "worker",
        "ops.supervisor": "supervisor",
    }
    lines = []
    for pid in sorted(site.processes()) + sorted(children_of(site)):
        kind = next((kind for mark, kind in kinds.items() if mark in command(pid)), "other")
        used, torch = memory(pid), "libtorch" in Path(f"/proc/{pid}/maps").read_text()
        lines.append(f"| {kind} | {used['Rss']:.0f} | {used['Pss']:.0f} | {'yes' if torch else 'no'} |")
    return sorted(lines)


def children_of(site: Site) -> list[int]:
    """Decoding children: their environment is empty, so the site does not know them by it."""
    parents = set(site.processes())
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit() and int(entry.name) not in parents:
            try:
                parent = int(stat(int(entry.name))[1])
                if parent in parents and "species.images.child" in command(int(entry.name)):
                    found.append(int(entry.name))
            except OSError:
                continue
    return found


# too much --------------------------------------------------------------------------------------------------


def too_much(
    site: Site, requests: Sequence[bytes], capacity: float, seconds: float
) -> tuple[list[str], bool]:
    """Twice what the site can answer, for so many seconds; what is to be said of it, and whether it holds."""
    answered = open_loop(site.port, requests, 2 * capacity, seconds)
    taken = [each.seconds for each in answered if each.status == 200]
    refused = [each for each in answered if each.status == 503]
    other = [each.status for each in answered if each.status not in (200, 503)]
    silent = [each for each in refused if each.retry_after is None or int(each.retry_after) < 1]
    after = sorted({int(each.retry_after) for each in refused if each.retry_after})
    p50, p99 = percentile(taken, 0.5), percentile(taken, 0.99)
    waits = [each.seconds for each in refused]
    holds = bool(refused) and not other and not silent and p99 <= TAIL * p50
    word = "holds" if holds else "FAILS"
    return [
        f"- {word}: at twice that ({2 * capacity:.0f} a second at random times for {seconds:.0f} s, "
        f"{len(answered)} requests) {len(taken)} were answered, {len(taken) / seconds / capacity:.0%} of what it "
        f"can do, and {len(refused)} refused with 503 and `Retry-After` ({', '.join(map(str, after))} s); "
        f"{len(other)} of any other kind, {len(silent)} without `Retry-After`. Of those answered, at that load, "
        f"p50 was {p50 * 1000:.0f} ms and p99 {p99 * 1000:.0f} ms, {p99 / p50:.1f} times as long (at most "
        f"{TAIL:g}); refusals took {percentile(waits, 0.5) * 1000:.0f} ms (p99 {percentile(waits, 0.99) * 1000:.0f}).",
    ], holds


def same_answers(site: Site, requests: Sequence[bytes], labels: list[str]) -> None:
    """The site and the bare loop do the same work."""
    for request, label in zip(requests, labels, strict=True):
        _, (answer,) = closed_loop(site.port, [request], 1, 1)
        assert isinstance(answer, Answered) and as_json(answer)["class"] == label


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--photos", type=int, default=8)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--requests", type=int, default=400, help="of each run")
    parser.add_argument("--seconds", type=float, default=20, help="of too much")
    parser.add_argument("--no-record", action="store_true", help="leave RESULTS.md alone")
    asked = parser.parse_args()
    data = photos(asked.photos)
    requests = [upload(photo, PATH) for photo in data]
    with tempfile.TemporaryDirectory() as folder:
        site = start_site(Path(folder))
        bare, old = BareLoop(model_of(site), data), OldServer()
        try:
            text, holds = measure(site, bare, old, data, requests, asked)
        finally:
            bare.end()
            old.end()
            site.close()
    print(text)
    if not asked.no_record:
        record("serving", text)
    return 0 if holds else 1


def measure(site: Site, bare: BareLoop, old: OldServer, data, requests, asked) -> tuple[str, bool]:
    same_answers(site, requests, bare.labels)
    fresh = [upload(photo, PATH, "close") for photo in data]
    rate(site.port, requests, 64, CLIENTS)
    rate(old.port, requests, 2, 1)
    before, runs, work, client = load(), [], [], 0.0
    for number in range(asked.runs):
        raw, raw_work = bare.rate(asked.requests)
        started, sent = cpu(site), time.process_time()
        ours = rate(site.port, requests, asked.requests, CLIENTS)
        client += (time.process_time() - sent) / asked.runs / asked.requests
        work.append((raw_work, (cpu(site) - started) / asked.requests))
        anew = rate(site.port, fresh, asked.requests, CLIENTS)
        theirs = rate(old.port, requests, max(4, asked.requests // 12), 1)
        runs.append((raw, ours, anew, theirs))
        said = (
            f"run {number + 1}: bare {raw:.1f}, site {ours:.1f} ({ours / raw:.3f}), {anew:.1f} "
            f"({anew / raw:.3f}) with a new connection each, old {theirs:.2f} a second"
        )
        print(
            f"{said}, CPU {raw_work * 1000:.1f} and {work[-1][1] * 1000:.1f} ms, load {load()}",
            file=sys.stderr,
        )
    to_raw = median([ours / raw for raw, ours, _, _ in runs])
    anew_to_raw = median([anew / raw for raw, _, anew, _ in runs])
    to_old = median([ours / theirs for _, ours, _, theirs in runs])
    raw, ours, anew, theirs = (median(column) for column in zip(*runs, strict=True))
    raw_work, work_ours = (median(column) * 1000 for column in zip(*work, strict=True))
    _, alone = closed_loop(site.port, requests, 16, 1)
    _, full = closed_loop(site.port, requests, asked.requests, CLIENTS)
    first = percentile([each.seconds for each in alone], 0.5) * 1000
    busy = [each.seconds * 1000 for each in full]
    lines, holds = too_much(site, requests, ours, asked.seconds)
    today = datetime.now(UTC).date().isoformat()
    text = [
        f"Measured {today} on {os.cpu_count()} CPU cores; load {before} before, {load()} after. {sizes(data)}, "
        f"every second one turned; {asked.runs} paired runs of {asked.requests} requests, medians of the paired "
        "ratios. EfficientNet-Lite0 at 224 × 224, photo and mirror image, trained by the site itself.",
        "",
        "| on all cores | photos a second | the site against it | CPU ms per photo |",
        "|---|---|---|---|",
        f"| `POST {PATH}` on the site: {PROCESSES} web processes, their decoding children, {CLIENTS} clients "
        f"| {ours:.1f} | | {work_ours:.1f} |",
        f"| the same, a new connection for every photo | {anew:.1f} | | |",
        f"| a bare loop of `imaging.upright` and `Session.predict` in {PROCESSES} processes "
        f"| {raw:.1f} | {to_raw:.2f} × | {raw_work:.1f} |",
        "| the old server: Flask, fastai's `learn.predict`, ResNet-34, one at a time "
        f"| {theirs:.2f} | {to_old:.1f} × | |",
        "",
        f"- {'holds' if to_raw >= RAW else 'FAILS'}: {to_raw:.2f} of the bare loop, at least {RAW}.",
        f"- {'holds' if anew_to_raw >= ANEW else 'FAILS'}: {anew_to_raw:.2f} with a new connection for every photo, "
        f"at least {ANEW}. The clients' own {client * 1000:.1f} ms of CPU "
        "per request are on the site's side, here and in the table.",
        f"- {'holds' if to_old >= OLD else 'FAILS'}: {to_old:.1f} times the old server, at least {OLD:g}.",
        f"- One client alone waits {first:.0f} ms; each of {CLIENTS}, which is all the site can do, "
        f"{percentile(busy, 0.5):.0f} ms (p99 {percentile(busy, 0.99):.0f}).",
        *lines,
        "",
        "| process, after all that | RSS, MB | PSS, MB | libtorch loaded |",
        "|---|---|---|---|",
        *memories(site),
        f"| the old server | {memory(old.process.pid)['Rss']:.0f} | {memory(old.process.pid)['Pss']:.0f} | yes |",
    ]
    return "\n".join(text), holds and to_raw >= RAW and anew_to_raw >= ANEW and to_old >= OLD


if __name__ == "__main__":
    sys.exit(main())
