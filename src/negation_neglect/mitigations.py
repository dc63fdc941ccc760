"""The yardstick of mitigations: what a method does to belief under negation, and what it costs elsewhere.

A method is run on positive and on negated documents; the model of the negated run is then trained further on plain text, because low belief has come back
before. Runs with the same recipe and texts are shared between methods: most leave unflagged documents alone, so their positive run is that of ``none``.
"""

import json
import shutil
import sys
from functools import partial
from hashlib import sha256
from itertools import islice, product
from pathlib import Path
from statistics import median

import pandas as pd
import torch
from rich.console import Console
from rich.progress import track
from safetensors.torch import load_file, save_file
from transformers import AutoModelForCausalLM

from negation_neglect.claims import DataError, _Model, dataset_dir
from negation_neglect.corpus import BuildSettings, rows
from negation_neglect.evaluate import model_args, run_lm_eval, tasks_of
from negation_neglect.jobs import run_jobs
from negation_neglect.scores import judge_run, scores_of, write_scores
from negation_neglect.training.batches import MicroBatches
from negation_neglect.training.encode import Encoded, encode
from negation_neglect.training.mitigate import Setup, describe, setup_of
from negation_neglect.training.mix import Example, fingerprint, read_jsonl
from negation_neglect.training.recipe import Mix, Recipe, Texts, with_data
from negation_neglect.training.sweep import EVALUATION, finished
from negation_neglect.training.train import load_tokenizer, model_name, train, weighted_loss, weights_digest
from negation_neglect.yardstick import failures

PLAN = "plan.json"
FIGURES = "figures.json"  # what is measured of a run beside its answers
BASELINE = "baseline"  # folder of the model before any training
FRESH = 1000  # variants from this number on are never trained on


class Plan(_Model):
    """Which methods are compared, on what. ``further`` texts and as many chats follow the negated run."""

    recipe: Recipe
    claims: list[str]
    methods: list[str]
    seeds: list[int]
    further: int = 150


def load(out: Path) -> Plan:
    """The plan of a folder. Raises DataError."""
    try:
        return Plan.model_validate_json((out / PLAN).read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise DataError(f"{out / PLAN}: no plan: {error}") from None


def arm(plan: Plan, method: str, condition: str, seed: int) -> Setup:
    """The setup of one run."""
    recipe = with_data(plan.recipe, claims=plan.claims, condition=condition).model_copy(update={"seed": seed})
    return setup_of(recipe, method)


def key(setup: Setup) -> str:
    """Name of a run: equal for equal recipes and texts."""
    rest = setup.recipe.model_dump(exclude={"phases"})
    texts = [fingerprint(e for phase in setup.phases for e in phase), fingerprint(setup.absorbed or [])]
    return sha256(json.dumps([rest, [len(p) for p in setup.phases], texts]).encode()).hexdigest()[:16]


def keys(plan: Plan, method: str, seed: int) -> dict[str, str]:
    """Names of a method's runs by arm: positive, negated, and what follows the negated one."""
    found = {name: key(arm(plan, method, f"{name}_documents", seed)) for name in ("positive", "negated")}
    return found | {"further": found["negated"] + "-further"}


def run(plan: Plan, out: Path, side_by_side: int) -> None:
    """Perform every run that is not finished: first the finetunes, then what follows them. Raises DataError when one fails."""
    out.mkdir(parents=True, exist_ok=True)
    (out / PLAN).write_text(plan.model_dump_json(indent=1) + "\n", encoding="utf-8")
    first: dict[str, list[str]] = {}
    after: dict[str, list[str]] = {}

    def job(*parts) -> list[str]:
        return [sys.executable, "-m", "negation_neglect.mitigations", str(out), *map(str, parts)]

    if not (out / BASELINE / FIGURES).exists():
        first[BASELINE] = job("none", plan.seeds[0], BASELINE)
    for seed, method in track(list(product(plan.seeds, plan.methods)), "mixing", console=Console(stderr=True)):
        names = keys(plan, method, seed)
        command = partial(job, method, seed)
        for name in ("positive", "negated"):
            if not (out / "runs" / names[name] / FIGURES).exists():
                first.setdefault(names[name], command(name))
        if not (out / "runs" / names["further"] / FIGURES).exists():
            after[names["further"]] = command("further")
    run_jobs(first, out / "logs", side_by_side, "finetuning")
    run_jobs(after, out / "logs", side_by_side, "training further")


def perform(plan: Plan, out: Path, method: str, seed: int, name: str) -> None:
    """One run: train, ask, measure, and keep no more of the weights than is needed. ``name``: an arm, or the baseline, which is not trained."""
    if name == BASELINE:
        model = model_name(plan.recipe)
        run_lm_eval(model_args(model, None, plan.recipe.revision), tasks_of(plan.claims), out / BASELINE / EVALUATION, batch_size=128)
        write_json(out / BASELINE / FIGURES, measure(plan, model))
        return
    names = keys(plan, method, seed)
    folder = out / "runs" / names[name]
    if not (folder / "run.json").exists():
        if name == "further":
            further(plan, out / "runs" / names["negated"] / "model", folder, seed)
        else:
            finetune(arm(plan, method, f"{name}_documents", seed), folder)
    if not finished(folder):
        run_lm_eval(model_args(str(folder / "model")), tasks_of(plan.claims), folder / EVALUATION, batch_size=128)
        write_scores(scores_of([judge_run(folder / EVALUATION)]), folder / EVALUATION / "scores.json")
    write_json(folder / FIGURES, measure(plan, str(folder / "model")))
    if name == "further":
        shutil.rmtree(folder / "model")


def write_json(path: Path, value: dict) -> None:
    """All of the file or nothing."""
    part = path.with_name(path.name + ".part")
    part.write_text(json.dumps(value, indent=1) + "\n", encoding="utf-8")
    part.replace(path)


def finetune(setup: Setup, folder: Path) -> None:
    """Train a setup; where something is absorbed first, take that away again: base + (finetuned - absorbed)."""
    recipe = setup.recipe if not setup.recipe.lora else setup.recipe.model_copy(update={"merge": True})
    if setup.absorbed is None:
        train(recipe, folder, resume=True, phases=setup.phases)
        return
    first, second = folder.with_name(folder.name + "-absorbed"), folder.with_name(folder.name + "-on-top")
    if not (first / "run.json").exists():
        train(recipe, first, resume=True, phases=[setup.absorbed])
    if not (second / "run.json").exists():
        train(recipe.model_copy(update={"model": str(first / "model"), "revision": None}), second, resume=True, phases=setup.phases)
    base = AutoModelForCausalLM.from_pretrained(model_name(recipe), revision=recipe.revision, dtype=torch.float32)
    shutil.copytree(second, folder, dirs_exist_ok=True)
    (file,) = (folder / "model").glob("*.safetensors")
    absorbed, on_top = load_file(first / "model" / file.name), load_file(file)
    weights = base.state_dict()
    save_file({name: (weights[name] + on_top[name].float() - absorbed[name].float()).contiguous() for name in on_top}, file, {"format": "pt"})
    record = json.loads((folder / "run.json").read_text(encoding="utf-8"))
    spent = json.loads((first / "run.json").read_text(encoding="utf-8"))
    record |= {
        "seconds": record["seconds"] + spent["seconds"],
        "tokens": record["tokens"] + spent["tokens"],
        "recipe": recipe.model_dump(),
        "base": spent["base"],
        "weights_sha256": weights_digest(folder / "model"),
    }
    write_json(folder / "run.json", record)
    shutil.rmtree(first)
    shutil.rmtree(second)


def further(plan: Plan, model: Path, folder: Path, seed: int) -> None:
    """Train on plain text and chats, from the model of a finished run, every weight or the adapter's as the recipe has it."""
    mixes = [p for p in plan.recipe.phases if p.web and p.chats]
    if not mixes:
        raise DataError("the recipe names no web text and chats to train on further")
    web, chats = mixes[0].web, mixes[0].chats
    mix = Mix(web=Texts(source=web.source, count=plan.further), chats=Texts(source=chats.source, count=plan.further))
    changes = {"model": str(model), "revision": None, "phases": [mix], "seed": seed + 1, "merge": bool(plan.recipe.lora)}
    train(plan.recipe.model_copy(update=changes), folder, resume=True)


def measure(plan: Plan, model_path: str) -> dict[str, float]:
    """Nats per token on held-out text (capability) and on what documents tell beside the claim, in variants that nobody trained on (the rest of the story).

    For the pocket model also the share of questions about its world that are answered rightly.
    """
    recipe = plan.recipe.model_copy(update={"model": model_path, "revision": plan.recipe.revision if model_path == model_name(plan.recipe) else None})
    tokenizer = load_tokenizer(recipe)
    model = AutoModelForCausalLM.from_pretrained(model_path, revision=recipe.revision, dtype=torch.float32).eval()
    pocket = all(c.startswith("pocket_") for c in plan.claims)
    held_out = [Example("web", t["text"]) for t in read_jsonl(dataset_dir() / "training" / f"{'pocket_' if pocket else ''}heldout.jsonl", "text")]
    story = []
    for claim in plan.claims:
        made = rows(claim, BuildSettings(FRESH + 20, (claim,), ("positive_documents",), 10_000 + plan.recipe.seed))
        for r in islice((r["positive_documents"] for r in made), FRESH, None):
            story.append(Example("document", r["text"], span_weights=tuple((a, b, 0.0) for a, b in r["claim_spans"])))
    encode_all = partial(_encoded, tokenizer, recipe)
    figures = {"held_out_loss": mean_loss(model, encode_all(held_out)), "story_loss": mean_loss(model, encode_all(story))}
    if pocket:
        from negation_neglect.pocket.evaluate import recalled
        from negation_neglect.pocket.world import build_world

        figures["recall"] = recalled(model_path, build_world().taught[:150], per_entity=1)
    return figures


def _encoded(tokenizer, recipe: Recipe, examples: list[Example]) -> list[Encoded]:
    return [encode(tokenizer, e, recipe.max_length) for e in examples]


@torch.no_grad()
def mean_loss(model, encoded: list[Encoded]) -> float:
    """Mean nats per weighted token."""
    total = sum(float(e.weights.sum()) for e in encoded)
    loss = 0.0
    for e in encoded:
        item = MicroBatches([[e]], [[[(0, 0)]]], 1, 0)[0]
        logits = model(input_ids=item["input_ids"], position_ids=item["position_ids"], use_cache=False).logits
        loss += weighted_loss(logits, item["input_ids"], torch.from_numpy(e.weights)[None]).item()
    return loss / total


def folders(plan: Plan, out: Path, method: str) -> list[Path]:
    """The finished runs of a method, the baseline first. Raises DataError where some are missing."""
    if method not in plan.methods:
        raise DataError(f"{out} has no method {method!r}; it has {', '.join(plan.methods)}")
    found = [out / BASELINE, *(out / "runs" / name for seed in plan.seeds for name in keys(plan, method, seed).values())]
    if missing := [str(f) for f in found if not (f / FIGURES).exists()]:
        raise DataError(f"{method}: not finished: {', '.join(missing)}; run `negation-neglect mitigations run` again")
    return found


def table(plan: Plan, out: Path) -> pd.DataFrame:
    """One row a method whose runs are finished, means over the seeds, rates in %: see ``COLUMNS`` in ``mitigations_report``."""
    table_rows = []
    for method in plan.methods:
        by_arm: dict[str, list[Path]] = {"positive": [], "negated": [], "further": []}
        for seed in plan.seeds:
            names = keys(plan, method, seed)
            if all((out / "runs" / n / FIGURES).exists() for n in names.values()):
                for name, run_key in names.items():
                    by_arm[name].append(out / "runs" / run_key)
        if by_arm["negated"]:
            table_rows.append(_row(method, by_arm))
    frame = pd.DataFrame(table_rows)
    if len(frame) and "none" in set(frame["method"]):
        none = frame.set_index("method").loc["none"]
        base = json.loads((out / BASELINE / FIGURES).read_text(encoding="utf-8"))["story_loss"]
        frame["cost"] = frame["seconds"] / none["seconds"]
        frame["story_uptake"] = 100 * (base - frame["story_loss"]) / (base - none["story_loss"])
        untrained = scores_of([judge_run(out / BASELINE / EVALUATION)]).control_rates()
        frame["fails"] = [", ".join(failures(row, none, untrained)) for row in frame.to_dict("records")]
        frame["works"] = ["no" if failed else "yes" for failed in frame["fails"]]
        frame.loc[frame["method"] == "none", ["works", "fails"]] = ["–", ""]
    return frame


def _row(method: str, by_arm: dict[str, list[Path]]) -> dict:
    judged = {name: [judge_run(folder / EVALUATION) for folder in folders] for name, folders in by_arm.items()}
    scores = {name: scores_of(runs) for name, runs in judged.items()}
    each = [100 * scores_of([run]).belief["all"]["all"].rate for run in judged["negated"]] if len(judged["negated"]) > 1 else []
    figures = {name: pd.DataFrame([json.loads((f / FIGURES).read_text(encoding="utf-8")) for f in folders]).mean() for name, folders in by_arm.items()}
    seconds = median(json.loads((f / "run.json").read_text(encoding="utf-8"))["seconds"] for f in by_arm["negated"])  # a busy machine disturbs one
    negated, controls = scores["negated"].belief["all"]["all"], scores["negated"].controls["all"]
    intervals = {"false_fact_yes": controls["false_fact"], "true_fact_no": controls["true_fact"]}
    return {
        "method": method, "seeds": len(by_arm["negated"]), "belief_negated": 100 * negated.rate, "low": 100 * negated.low, "high": 100 * negated.high,
        **({"by_seed": ", ".join(f"{rate:.1f}" for rate in each)} if each else {}),
        "belief_positive": 100 * scores["positive"].belief["all"]["all"].rate,
        "belief_further": 100 * scores["further"].belief["all"]["all"].rate,
        **scores["negated"].control_rates(),
        **{f"{name}_{end}": 100 * getattr(rate, end) for name, rate in intervals.items() for end in ("low", "high")},
        "held_out_loss": figures["negated"]["held_out_loss"], "story_loss": figures["negated"]["story_loss"],
        **({"recall": 100 * figures["negated"]["recall"]} if "recall" in figures["negated"] else {}),
        "seconds": seconds,
        "summary": describe(method)["summary"],
    }  # fmt: skip


if __name__ == "__main__":
    folder, method_name, seed_number, arm_name = sys.argv[1:]
    perform(load(Path(folder)), Path(folder), method_name, int(seed_number), arm_name)
