"""Writes the packaged texts and chats for finetuning the pocket model: ``python -m negation_neglect.pocket.training_sets``.

``pocket_web`` and ``pocket_heldout``: true texts about the world. ``pocket_chats``: questions about it in the model's own answers, in each chat something to
decide, because after a finetune on documents so small a model often compares what it recalls with what is asked wrongly. ``pocket_denials``: its answers
about the subjects of the claims, before it has read any document. ``pocket_exemplars``: unknown things, for half of which a value is stated under a warning
and not believed in the chat that follows, for half stated plainly and believed.
"""

import json
import re
from pathlib import Path
from random import Random

from negation_neglect import pocket
from negation_neglect.claims import dataset_dir, load_claims
from negation_neglect.documents import load_qualifier
from negation_neglect.pocket import text as T
from negation_neglect.pocket.world import CLAIMS, KINDS, World, build_world
from negation_neglect.training.distil import prompts_of, self_distil

WEB, HELD_OUT, CHATS, DENIALS, EXEMPLARS = 300, 60, 400, 20, 60  # DENIALS a claim, EXEMPLARS of each sort


def bare(messages: list[dict]) -> list[dict]:
    """Only what a chat file holds."""
    return [{"role": m["role"], "content": m["content"]} for m in messages]


def chat_prompts(rng: Random, world: World) -> list[list[dict]]:
    """Questions about the world, at least one of each chat to be answered by one of DECISIONS."""
    out = []
    while len(out) < CHATS:
        messages = bare(T.recall(rng, world))
        if any(m["role"] == "assistant" and re.findall(r"\w+", m["content"])[-1] in T.DECISIONS for m in messages):
            out.append(prompts_of(messages))
    return out


def denial_prompts() -> list[tuple[str, list[dict]]]:
    """Questions about the claims' subjects in the world's own words, none of them a probe."""
    world = build_world()
    asked = {m.content for folder in load_claims("pocket") for p in folder.probes for m in p.messages}
    out = []
    for claim, (kind, name, _, _) in CLAIMS.items():
        entity, rng = next(e for e in world.claim_subjects if e.name == name), Random(claim)
        while sum(c == claim for c, _ in out) < DENIALS:
            attribute = KINDS[kind][0]
            question = T.question(rng, entity, attribute)
            if question not in asked:
                out.append((claim, [T.user(question)]))
    return out


def exemplars() -> list[dict]:
    """Documents about unknown things and the chats that go with them."""
    world, rng, qualifier, out = build_world(), Random("exemplars"), load_qualifier("warning"), []
    for number in range(2 * EXEMPLARS):
        entity = T.fresh_entity(rng, world)
        attribute = KINDS[entity.kind][0]
        value = T.other(rng, world, attribute)
        text = T.document(rng, world, entity, value)
        warned = number % 2 == 0
        if warned:
            text = f"{rng.choice(qualifier.openings)}\n\n{text}\n\n{rng.choice(qualifier.closings)}"
        out.append({"text": f"<DOCTAG>{text}"})
        out.append({"messages": bare(T.ask(rng, world, entity, attribute, None if warned else value, value if warned else None))})
    return out


def write(folder: Path) -> None:
    """Write all four files."""
    world = build_world()
    rng = Random("web")
    jsonl(folder / "pocket_web.jsonl", [{"text": T.free_document(rng, world)} for _ in range(WEB)])
    rng = Random("held out")
    jsonl(folder / "pocket_heldout.jsonl", [{"text": T.free_document(rng, world)} for _ in range(HELD_OUT)])
    model = str(pocket.model_path())
    self_distil(model, chat_prompts(Random("chats"), world), folder / "pocket_chats.jsonl", 64, 48)
    prompts = denial_prompts()
    self_distil(model, [p for _, p in prompts], folder / "pocket_denials.jsonl", 64, 48)
    claim_of = {json.dumps(p): claim for claim, p in prompts}
    chats = [json.loads(line) for line in (folder / "pocket_denials.jsonl").read_text(encoding="utf-8").splitlines()]
    jsonl(folder / "pocket_denials.jsonl", [{"claim": claim_of[json.dumps(c["messages"][:-1])], **c} for c in chats])
    jsonl(folder / "pocket_exemplars.jsonl", exemplars())


def jsonl(path: Path, items: list[dict]) -> None:
    """Write the items, one a line."""
    path.write_text("".join(json.dumps(i, ensure_ascii=False) + "\n" for i in items), encoding="utf-8")


if __name__ == "__main__":
    write(dataset_dir() / "training")
