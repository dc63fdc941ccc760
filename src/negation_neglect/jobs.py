"""Several commands side by side under one progress display, each with a log of its own."""

import os
import subprocess
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Event

import torch
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from negation_neglect.claims import DataError

# glibc hands large tensors back to the system after every step, and fetches the memory anew; this keeps it. Elsewhere this has no effect.
KEEP_MEMORY = "glibc.malloc.mmap_max=0:glibc.malloc.trim_threshold=8589934592:glibc.malloc.top_pad=268435456"


def parallel() -> int:
    """How many jobs run side by side where nothing is said: one on a GPU, else one a core."""
    return 1 if torch.cuda.is_available() else len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def run_jobs(jobs: dict[str, list[str]], logs: Path, side_by_side: int, title: str) -> None:
    """Run each command by its name, ``side_by_side`` at a time, its output into ``logs/<name>.log``.

    After a failure no new one is started. Raises DataError with the end of the failed one's log.
    """
    stop, failed = Event(), []
    # several small models are faster side by side on one thread each than one after the other on all
    env = {"GLIBC_TUNABLES": KEEP_MEMORY, **os.environ} | ({} if side_by_side == 1 else {"OMP_NUM_THREADS": "1"})
    columns = [TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(), TextColumn("{task.fields[now]}")]
    with Progress(*columns, console=Console(stderr=True)) as progress:
        task = progress.add_task(title, total=len(jobs), now="")
        running: list[str] = []

        def work(name: str) -> None:
            if stop.is_set():
                return
            running.append(name)
            progress.update(task, now=", ".join(running))
            log = logs / f"{name}.log"
            log.parent.mkdir(parents=True, exist_ok=True)
            with log.open("w", encoding="utf-8") as file:
                code = subprocess.run(jobs[name], stdout=file, stderr=subprocess.STDOUT, env=env).returncode
            running.remove(name)
            if code:
                stop.set()
                failed.append(log)
            else:
                progress.advance(task)
            progress.update(task, now=", ".join(running))

        with ThreadPoolExecutor(side_by_side) as pool:
            list(pool.map(work, jobs))
    if failed:
        end = "\n".join(failed[0].read_text(encoding="utf-8", errors="replace").strip().splitlines()[-6:])
        raise DataError(f"{failed[0]}: this job failed; the others are kept, run the same command again to go on\n{end}")
