"""How fast the leaderboard is with 1,000 stored submissions: its start, a table for 50 clients at once, and the check of a bundle of 7,500 answers x 3 arms.

PYTHONPATH=src python benchmarks/leaderboard.py [--entries 1000] [--clients 50]
"""

import argparse
import http.client
import json
import os
import random
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))
from bundles import BELIEF, fake_bundle

from negation_neglect.leaderboard.check import check
from negation_neglect.leaderboard.store import ENTRY, Entry, bundle_id

PORT = 7861
SEEDS = 5  # of 50 probes x 6 claims x 5 answers: 7,500 answers to probes an arm, and 4,500 to controls


def fill(root: Path, entries: int) -> None:
    """One result under many names and with shifted figures, two thirds of them in the models track."""
    data = {"models": fake_bundle(), "mitigations": fake_bundle("mitigations", "shout")}
    checked = {track: check(bundle) for track, bundle in data.items()}
    rng = random.Random(0)
    for number in range(entries):
        track = "mitigations" if number % 3 == 2 else "models"
        result = json.loads(checked[track].result.model_dump_json())
        belief, low = result["arms"]["negated_documents"]["belief"]["all"]["all"], rng.uniform(0, 0.9)
        belief |= {"rate": low + 0.05, "low": low, "high": low + 0.1}
        told = checked[track].submission.model_dump() | {"model": f"example/model-{number}"}
        id = bundle_id(str(number).encode())
        entry = {"id": id, "submitted": "2026-11-20T10:00:00+00:00", "sender": "", "source": "submitted", "submission": told, "result": result}
        (root / id).mkdir(parents=True)
        (root / id / ENTRY).write_text(Entry.model_validate(entry).model_dump_json(indent=1), encoding="utf-8")


def request(connection: http.client.HTTPConnection, method: str, path: str, body: dict | None) -> bytes:
    """The answer to one request."""
    connection.request(method, path, json.dumps(body) if body else None, {"Content-Type": "application/json"})
    answer = connection.getresponse()
    content = answer.read()
    if answer.status != 200:
        raise RuntimeError(f"{path}: {answer.status} {content[:200]!r}")
    return content


def wait_for(path: str, server: subprocess.Popen) -> None:
    """Ask until the server answers. Raises RuntimeError when it stops."""
    while server.poll() is None:
        try:
            request(http.client.HTTPConnection("127.0.0.1", PORT), "GET", path, None)
            return
        except (OSError, http.client.HTTPException):
            time.sleep(0.02)
    raise RuntimeError("the server stopped; its message stands above")


def latencies(method: str, path: str, body: dict | None, clients: int, each: int, pause: float) -> list[float]:
    """Seconds of each request of some clients at once, each in an open session; each waits about ``pause`` seconds between two requests."""
    found: list[float] = []
    barrier = threading.Barrier(clients)

    def client(number: int) -> None:
        rng, connection = random.Random(number), http.client.HTTPConnection("127.0.0.1", PORT)
        sent = body | {"session_hash": f"client-{number}"} if body else None
        request(connection, method, path, sent)
        barrier.wait()
        for _ in range(each):
            time.sleep(rng.uniform(0, 2 * pause))
            began = time.perf_counter()
            request(connection, method, path, sent)
            found.append(time.perf_counter() - began)

    threads = [threading.Thread(target=client, args=(n,)) for n in range(clients)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sorted(found)


def page_event() -> dict:
    """The request that the page makes when a filter of the models' table changes."""
    config = json.loads(request(http.client.HTTPConnection("127.0.0.1", PORT), "GET", "/config", None))
    event = next(d for d in config["dependencies"] if len(d["inputs"]) == 5 and len(d["outputs"]) == 3)
    return {"data": ["all", ["submitted", "reproduced", "reported"], "", "rank", False], "fn_index": event["id"]}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--entries", type=int, default=1000)
    parser.add_argument("--clients", type=int, default=50)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder) / "results"
        fill(root, given.entries)
        command = [sys.executable, "-m", "negation_neglect.cli", "leaderboard", "serve", "--store", str(root), "--port", str(PORT)]
        for attempt in ("first", "second"):
            began = time.perf_counter()
            server = subprocess.Popen(command, stdout=subprocess.DEVNULL, env={**os.environ, "RECEIPTS": f"{folder}/receipts"})
            try:
                wait_for("/", server)
                page = time.perf_counter() - began
                wait_for("/api/models.json", server)
                print(
                    f"{attempt} start with {given.entries:,} submissions: first page after {page:.2f} s, first table after {time.perf_counter() - began:.2f} s"
                )
                if attempt == "first":
                    continue
                everything, hundred = "/api/models.json", {"data": ["all", "all", "", 100]}
                for name, method, path, body in (
                    ("GET /api/models.json, every row", "GET", everything, None),
                    ("the page, when a filter changes", "POST", "/gradio_api/run/predict", page_event()),
                    ("Gradio's client, /models, 100 rows", "POST", "/gradio_api/run/models", hundred),
                ):
                    for pause in (1.0, 0.0):
                        took = latencies(method, path, body, given.clients, 20, pause)
                        p50, p95 = (1000 * took[int(share * len(took))] for share in (0.5, 0.95))
                        rhythm = f"a request about every {pause:.0f} s" if pause else "without a pause"
                        print(f"{name}; {given.clients} clients, each {rhythm}: median {p50:.0f} ms, 95th percentile {p95:.0f} ms")
            finally:
                server.terminate()
                server.wait()
    data = fake_bundle(seeds=SEEDS, belief=BELIEF)
    began = time.perf_counter()
    checked = check(data)
    answers = sum(s.belief["all"]["all"].answers for s in checked.result.arms.values())
    print(f"check of {len(data) / 1e6:.1f} MB, {answers:,} answers to probes in {len(checked.result.arms)} arms: {time.perf_counter() - began:.1f} s")


if __name__ == "__main__":
    main()
