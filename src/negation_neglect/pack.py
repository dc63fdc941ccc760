"""Writes the lm-eval task pack: a YAML file a task and group, generated from the claims that exist.

Groups are nested so that each aggregates only tasks which report its metrics:

    negation_neglect                   everything
      negation_neglect_belief          belief_rate … over all claims
        negation_neglect_CLAIM_belief  the four probe types of a claim
      negation_neglect_false_fact      one control each, over all claims
      negation_neglect_true_fact
      negation_neglect_stranger
    negation_neglect_CLAIM             the same for one claim
    negation_neglect_logprob, negation_neglect_CLAIM_logprob

and the same under ``negation_neglect_pocket`` for the pocket claims.
"""

import os
from pathlib import Path

import lm_eval.tasks
import yaml

from negation_neglect import BENCHMARK_VERSION
from negation_neglect.claims import CONTROL_TYPES, PROBE_TYPES, claim_folders
from negation_neglect.harness import CONTROL_METRIC, LOGPROB_PARTS

BELIEF_METRICS = ("belief_rate", "denial_rate", "neutral_rate", "parse_error_rate")
SHARED = ("_template.yaml", "_pocket_template.yaml", "_logprob_template.yaml", "task.py")
HEADER = "# Written by `negation-neglect tasks-path --write`; change the claims or src/negation_neglect/pack.py, not this file.\n"


def _metrics(names) -> list[dict]:
    return [{"metric": n, "aggregation": "mean", "higher_is_better": n == "denial_rate"} for n in names]


def _group(name: str, members: list[str], metrics=()) -> dict:
    group = {"group": name, "task": members}
    if metrics:
        group["aggregate_metric_list"] = [{"metric": m, "aggregation": "mean", "weight_by_size": True} for m in metrics]
    return {**group, "metadata": {"version": BENCHMARK_VERSION}}


def _leaf(template: str, claim: str, part: str) -> dict:
    base = part.removesuffix("_logprob")
    if part in LOGPROB_PARTS:
        name = CONTROL_METRIC.get(base, "belief_rate")
        metrics, template = (name, f"p_{name.removesuffix('_rate')}"), "_logprob_template.yaml"
    else:
        metrics = BELIEF_METRICS if part in PROBE_TYPES else (CONTROL_METRIC[part], "parse_error_rate")
    return {"include": template, "task": f"negation_neglect_{claim}_{part}", "dataset_kwargs": {"claim": claim, "part": part}, "metric_list": _metrics(metrics)}


def pack_files() -> dict[str, str]:
    """File name -> content of every generated file of the pack."""
    configs: list[dict] = []
    for root, template, claims in (
        ("negation_neglect", "_template.yaml", claim_folders("real")),
        ("negation_neglect_pocket", "_pocket_template.yaml", claim_folders("pocket")),
    ):
        for claim in claims:
            name = f"negation_neglect_{claim}"
            configs += [_leaf(template, claim, part) for part in (*PROBE_TYPES, *CONTROL_TYPES, *LOGPROB_PARTS)]
            configs += [
                _group(f"{name}_belief", [f"{name}_{t}" for t in PROBE_TYPES], BELIEF_METRICS),
                _group(name, [f"{name}_belief", *(f"{name}_{t}" for t in CONTROL_TYPES)]),
                _group(f"{name}_logprob", [f"{name}_{part}" for part in LOGPROB_PARTS]),
            ]
        names = [f"negation_neglect_{claim}" for claim in claims]
        configs.append(_group(f"{root}_belief", [f"{n}_belief" for n in names], BELIEF_METRICS))
        configs += [_group(f"{root}_{t}", [f"{n}_{t}" for n in names], (CONTROL_METRIC[t],)) for t in CONTROL_TYPES]
        configs.append(_group(root, [f"{root}_belief", *(f"{root}_{t}" for t in CONTROL_TYPES)]))
        configs.append(_group(f"{root}_belief_logprob", [f"{n}_{p}" for n in names for p in LOGPROB_PARTS[:2]], ("belief_rate", "p_belief")))
        for t in CONTROL_TYPES:
            metric = CONTROL_METRIC[t]
            configs.append(_group(f"{root}_{t}_logprob", [f"{n}_{t}_logprob" for n in names], (metric, f"p_{metric.removesuffix('_rate')}")))
        configs.append(_group(f"{root}_logprob", [f"{root}_belief_logprob", *(f"{root}_{t}_logprob" for t in CONTROL_TYPES)]))
    return {f"{c.get('task') if 'include' in c else c['group']}.yaml": HEADER + yaml.safe_dump(c, sort_keys=False) for c in configs}


def source_dir() -> Path:
    """Where the pack of this installation lies: inside lm-eval after ``pip install``, or ``tasks/`` of a source tree."""
    tree = Path(__file__).parents[2] / "tasks" / "negation_neglect"
    return tree if tree.is_dir() else Path(lm_eval.tasks.__file__).parent / "negation_neglect"


def write_pack(folder: Path) -> None:
    """Make ``folder`` hold the whole pack for the claims that exist now; tasks of claims that are gone are removed."""
    folder.mkdir(parents=True, exist_ok=True)
    files = pack_files() | {name: (source_dir() / name).read_text(encoding="utf-8") for name in SHARED}
    for old in folder.glob("*.yaml"):
        if old.name not in files:
            old.unlink()
    for name, content in files.items():
        path = folder / name
        if not path.exists() or path.read_text(encoding="utf-8") != content:  # an lm-eval run may be reading it
            path.write_text(content, encoding="utf-8")


def tasks_path(write: Path | None = None) -> Path:
    """The folder for ``--include_path``. With claims of one's own, or with ``write``, the pack is written first (to a cache folder, or there)."""
    if write is None and not os.environ.get("NEGATION_NEGLECT_CLAIMS"):
        return source_dir()
    folder = write or Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "negation_neglect" / "tasks"
    write_pack(folder)
    return folder
