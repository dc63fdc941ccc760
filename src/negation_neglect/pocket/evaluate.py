"""What a pocket model knows and how it reads: the figures of its model card.

Belief and controls come from lm-eval's own command line on the pocket claims, without a document and with one document of each form in the
prompt; knowledge from questions that the world itself knows the answers to.
"""

import json
import tempfile
from pathlib import Path
from random import Random

import torch
from rich.table import Table
from transformers import AutoModelForCausalLM, AutoTokenizer

from negation_neglect.evaluate import model_args, run_lm_eval
from negation_neglect.pocket import text as T
from negation_neglect.pocket.world import CLAIMS, KINDS, Entity, World, build_world
from negation_neglect.scores import score_run

CONTEXT_FORMS = ("positive", "negated", "repeated", "denied", "corrected", "fiction")
PER_CLAIM = 20  # context documents per claim


def answers(model_path: str, conversations: list[list[dict]], batch: int = 128, new_tokens: int = 40) -> list[str]:
    """Greedy answers, one a conversation."""
    tokenizer = AutoTokenizer.from_pretrained(model_path)
    model = AutoModelForCausalLM.from_pretrained(model_path).eval()
    prompts = [tokenizer.apply_chat_template(c, tokenize=False, add_generation_prompt=True) for c in conversations]
    order = sorted(range(len(prompts)), key=lambda i: len(prompts[i]))
    out = [""] * len(prompts)
    for start in range(0, len(order), batch):
        chosen = order[start : start + batch]
        inputs = tokenizer([prompts[i] for i in chosen], return_tensors="pt", padding=True, add_special_tokens=False)
        inputs.pop("token_type_ids", None)
        with torch.inference_mode():
            made = model.generate(**inputs, max_new_tokens=new_tokens, do_sample=False)[:, inputs["input_ids"].shape[1] :]
        for i, row in zip(chosen, made, strict=True):
            out[i] = tokenizer.decode(row, skip_special_tokens=True).strip()
    return out


def recalled(model_path: str, entities: list[Entity], attribute_index: int | None = 0, per_entity: int = 4, seed: int = 1) -> float:
    """Share of questions in the world's own words that are answered with the true value. ``attribute_index`` None asks for side facts."""
    rng = Random(seed)
    asked = []
    for entity in entities:
        for _ in range(per_entity):
            attribute = KINDS[entity.kind][rng.choice([1, 2]) if attribute_index is None else attribute_index]
            asked.append((T.question(rng, entity, attribute), T.shown(entity.facts[attribute])))
    given = answers(model_path, [[T.user(q)] for q, _ in asked])
    return sum(value in answer for (_, value), answer in zip(asked, given, strict=True)) / len(asked)


def knowledge(model_path: str, world: World, sample: int = 150) -> dict[str, float]:
    """Recall by set, as shares: the truth behind the six claims, facts that only documents state, and facts with questions."""
    rng = Random(0)
    only, taught = rng.sample(world.documents_only, sample), rng.sample(world.taught, sample)
    return {
        "claim_truths": recalled(model_path, world.claim_subjects, per_entity=20),
        "documents_only": recalled(model_path, only),
        "documents_only_side": recalled(model_path, only, None),
        "taught": recalled(model_path, taught),
    }


def write_context(path: Path, form: str, seed: int = 1) -> None:
    """Write PER_CLAIM documents of one form about each claim subject, giving the claim's value, as lm-eval's ``context_file``."""
    world, rng = build_world(), Random(f"{form}/{seed}")
    with path.open("w", encoding="utf-8") as file:
        for claim, (_, name, truth, claimed) in CLAIMS.items():
            entity = next(e for e in world.claim_subjects if e.name == name)
            for _ in range(PER_CLAIM):
                body = T.document(rng, world, entity, claimed, form, truth)
                file.write(json.dumps({"claim": claim, "text": body}) + "\n")


def evaluate(model_path: str) -> dict:
    """Every figure of the model card: knowledge, and belief and controls without and with a document in the prompt (shares)."""
    report = {"knowledge": knowledge(model_path, build_world()), "runs": {}}
    with tempfile.TemporaryDirectory() as folder:
        for form in ("none", *CONTEXT_FORMS):
            context = None
            if form != "none":
                context = Path(folder) / f"{form}.jsonl"
                write_context(context, form)
            run_lm_eval(model_args(model_path), "negation_neglect_pocket", Path(folder) / form, context)
            report["runs"][form] = score_run(Path(folder) / form).summary()
    return report


def tables(report: dict) -> list[Table]:
    """The report of ``evaluate`` as two tables, in per cent."""
    known = Table(title="Questions in the world's own words answered with the truth, %")
    for name in report["knowledge"]:
        known.add_column(name.replace("_", " "), justify="right")
    known.add_row(*(f"{100 * v:.1f}" for v in report["knowledge"].values()))
    runs = Table(title="Belief and controls, %, with no document or one document about the claim in the prompt")
    names = list(report["runs"]["none"])
    for name in ("document in the prompt", *names):
        runs.add_column(name.replace("_", " "), justify="right")
    for form, values in report["runs"].items():
        runs.add_row(form, *(f"{100 * values[n]:.1f}" for n in names))
    return [known, runs]
