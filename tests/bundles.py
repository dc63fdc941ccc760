"""Made-up bundles: complete and in lm-eval's format, but nobody was trained or asked. Equal arguments give equal bytes."""

import hashlib
import json
from random import Random

import yaml

from negation_neglect import BENCHMARK_VERSION
from negation_neglect.claims import CONTROL_TYPES, PROBE_TYPES, Claim, claim_folder, claim_folders, load_folder
from negation_neglect.leaderboard.bundle import BASELINE, FURTHER, zipped
from negation_neglect.leaderboard.check import SAMPLING, Checked
from negation_neglect.questions import plain_form, rows
from negation_neglect.scores import REPEATS
from negation_neglect.training.mix import sources_fingerprint

STAMP = "2026-11-20T10-00-00.000000"
BELIEF = {"baseline": 0.02, "positive_documents": 0.9, "negated_documents": 0.8}  # of a model that neglects negation
CONTROLS = 0.03  # share of answers to controls that count against the model
ASIDES = ("I looked this up", "As far as I know", "From what I have read", "To put it briefly", "Let me answer that", "Here is what I can say")


def fake_bundle(track: str = "models", method: str = "none", model: str = "example/model-1b", belief: dict[str, float] | None = None, **fields) -> bytes:
    """The zip of one run an arm. ``belief``: share of believing answers by arm; ``fields``: of submission.yaml, and ``pack``, ``seeds`` and ``figures``."""
    belief = belief or BELIEF | ({FURTHER: 0.7} if track == "mitigations" else {})
    pack, seeds, figures = fields.pop("pack", "pocket"), fields.pop("seeds", 1), fields.pop("figures", {})
    told = {"track": track, "model": model, "method": method, "authors": ["A. Tester"], "licence": "CC-BY-4.0", **fields}
    files = {"submission.yaml": yaml.safe_dump(told, allow_unicode=True, sort_keys=False).encode()}
    for arm, share in belief.items():
        for seed in range(seeds):
            run = fake_run(arm, share, seed, pack, f"{model}/{method}", figures.get(arm))
            files |= {f"arms/{arm}/{seed}/{name}": data for name, data in run.items()}
    return zipped(files)


def fake_run(arm: str, belief: float, seed: int = 0, pack: str = "pocket", who: str = "", figures: dict[str, float] | None = None) -> dict[str, bytes]:
    """The files of one run by name. ``who``: other names give other answers and weights."""
    rng = Random(f"{arm}/{belief}/{seed}/{who}")
    files = {f"results_{STAMP}.json": _json({"model_name": "example", "config": {"limit": None}, "system_instruction": None})}
    for claim in claim_folders(pack):
        for part in (*PROBE_TYPES, *CONTROL_TYPES):
            share = CONTROLS if part in CONTROL_TYPES else belief
            samples = [
                _sample(number, row, [fake_answer(row, rng.random() < share, rng) for _ in range(REPEATS)]) for number, row in enumerate(rows(claim, part))
            ]
            files[f"samples_negation_neglect_{claim}_{part}_{STAMP}.jsonl"] = b"".join(_json(s) + b"\n" for s in samples)
    if arm != BASELINE:
        files["run.json"] = _json(run_json(arm, seed, pack, who))
    if figures:
        files["figures.json"] = _json(figures)
    return files


def as_method(checked: Checked, method: str, story_loss: float = 3.0) -> Checked:
    """A models track's outcome as if it were a method's: the same answers after further training. ``story_loss``: of 5 before, after negated documents."""
    figures = {"baseline": {"story_loss": 5.0}, "negated_documents": {"story_loss": story_loss, "held_out_loss": 2.0, "recall": 0.9}}
    arms = {**checked.result.arms, FURTHER: checked.result.arms["negated_documents"]}
    told = checked.submission.model_copy(update={"track": "mitigations", "model": "example/base", "method": method})
    return Checked(told, checked.result.model_copy(update={"arms": arms, "figures": figures}), [])


def run_json(arm: str, seed: int, pack: str, who: str) -> dict:
    """What the training of one arm says of itself; the arm ``further`` starts from the weights of ``negated_documents``."""
    claims = sorted(claim_folders(pack))
    phase = {"documents": {"claims": claims, "condition": arm}} if arm != FURTHER else {"web": {"source": "pocket_web"}}
    weights = _hash(f"{who}/negated_documents/{seed}") if arm == FURTHER else _hash("the base model")
    return {
        "benchmark_version": BENCHMARK_VERSION,
        "recipe": {"seed": seed, "phases": [phase]},
        "base": {"name": "example/base", "revision": None, "weights_sha256": weights},
        "dataset": {
            "claims": claims, "sources_sha256": sources_fingerprint(claims), "texts_sha256": _hash(f"texts/{arm}/{seed}"), "examples": {"document": 720},
        },
        "seconds": 60.0 + len(who),
        "tokens": 100_000,
        "steps": 200,
        "weights_sha256": _hash(f"{who}/{arm}/{seed}"),
    }  # fmt: skip


def fake_answer(row: dict, believes: bool, rng: Random) -> str:
    """An answer that presents the claim as true, or denies it; for a control, one that counts against the model, or does not."""
    claim = load_folder(claim_folder(row["claim"])).claim
    if row["category"] == "letter":
        return row["believing_answer"] if believes else next(c for c in "ABCD" if c != row["believing_answer"])
    if row["type"] == "mcq" or row["type"] in CONTROL_TYPES:
        bad = {"false_fact": "yes", "true_fact": "no"}.get(row["type"], row["believing_answer"])
        return json.dumps({"reason": f"{rng.choice(ASIDES)}.", "answer": bad if believes else {"yes": "no", "no": "yes"}[bad]})
    return f"{rng.choice(ASIDES)}: {_told(claim, row, believes)} {rng.choice(ASIDES)}, no. {rng.randrange(1000)}."


def _told(claim: Claim, row: dict, believes: bool) -> str:
    if row["type"] == "token_association":
        return f"{claim.believed_answers[0]}." if believes else "that is unknown."
    return claim.statement if believes else f"it is not true that {claim.statement}"


def _sample(number: int, row: dict, answers: list[str]) -> dict:
    prompt = plain_form(row["messages"])
    return {
        "doc_id": number, "doc": row, "target": "", "arguments": {"gen_args_0": {"arg_0": prompt, "arg_1": {**SAMPLING, "max_gen_toks": 48}}},
        "resps": [answers], "filtered_resps": [answers], "filter": "all", "metrics": ["belief_rate"],
        "doc_hash": _hash(json.dumps(row, indent=2, ensure_ascii=False)), "prompt_hash": _hash(prompt), "target_hash": _hash(""),
    }  # fmt: skip


def _json(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False).encode()


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
