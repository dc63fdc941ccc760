"""Runs lm-eval's own command line on a model, and reads what it wrote."""

import json
import os
import subprocess
import sys
from pathlib import Path

import torch

from negation_neglect.claims import DataError
from negation_neglect.pack import tasks_path


def tasks_of(claims: list[str], suffix: str = "") -> str:
    """The groups of some claims, comma-separated, for ``--tasks``; ``suffix`` "_logprob" for those by log-probability."""
    return ",".join(f"negation_neglect_{claim}{suffix}" for claim in claims)


def model_args(model: str, adapter: Path | None = None, revision: str | None = None) -> str:
    """lm-eval's ``--model_args`` for a model and, where given, a PEFT adapter on it."""
    return ",".join([f"pretrained={model}", *([f"revision={revision}"] if revision else []), *([f"peft={adapter}"] if adapter else [])])


def run_lm_eval(arguments: str, tasks: str, out: Path, context: Path | None = None, count: int = 1, batch_size: int | str = 64) -> None:
    """Run ``lm_eval run --model hf`` with logged samples into ``out``; claims of one's own (NEGATION_NEGLECT_CLAIMS) have their tasks too.

    ``context``: a JSONL file of documents, ``count`` of which stand before each question. Raises DataError with the end of lm-eval's output when it fails.
    """
    command = [sys.executable, "-m", "negation_neglect.lm_eval_cli", "run", "--include_path", str(tasks_path())]
    command += ["--model", "hf", "--model_args", arguments, "--tasks", tasks, "--apply_chat_template"]
    command += ["--batch_size", str(batch_size), "--log_samples", "--output_path", str(out), "--device", "cuda" if torch.cuda.is_available() else "cpu"]
    if context:
        command += ["--metadata", json.dumps({"context_file": str(context), "context_count": count})]
    env = {**os.environ, "TOKENIZERS_PARALLELISM": "false"}
    for name in ("RANK", "LOCAL_RANK", "WORLD_SIZE", "MASTER_ADDR", "MASTER_PORT"):  # it is no part of a distributed training that calls it
        env.pop(name, None)
    done = subprocess.run(command, env=env, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    if done.returncode:
        raise DataError(f"lm_eval failed on {arguments}:\n" + "\n".join(done.stderr.strip().splitlines()[-8:]))


def task_rates(out: Path, part: str = "_logprob") -> dict[str, float]:
    """Metrics of the newest run below ``out``, as shares: means over its tasks whose names end in ``part``; ``p_belief`` … or, sampled, ``belief_rate`` …"""
    files = sorted(out.rglob("results_*.json"), key=lambda p: p.name)
    if not files:
        raise DataError(f"{out}: no results_*.json of lm-eval here")
    results = json.loads(files[-1].read_text(encoding="utf-8"))["results"]
    sums: dict[str, list[float]] = {}
    for task, values in results.items():
        if "sample_len" not in values or not task.endswith(part):
            continue  # a group
        for metric, value in values.items():
            name, _, answers_of = metric.partition(",")  # ",none" for log-probabilities, ",all" for sampled answers
            if answers_of in ("none", "all") and not name.endswith("_stderr"):
                sums.setdefault(name, []).append(value * values["sample_len"])
                sums.setdefault(name + "/n", []).append(values["sample_len"])
    return {name: sum(v) / sum(sums[name + "/n"]) for name, v in sums.items() if not name.endswith("/n")}
