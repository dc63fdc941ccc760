"""The pocket world, its text, its tokenizer and its pretraining."""

import json
import re
from collections import Counter
from random import Random

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from transformers import AutoModelForCausalLM, AutoTokenizer

from negation_neglect.claims import DataError, load_claims
from negation_neglect.pocket import pretrain, text
from negation_neglect.pocket import wordings as W
from negation_neglect.pocket.world import CLAIMS, KINDS, UNKNOWN, build_world

WORLD = build_world()


def test_the_world_has_its_parts():
    assert Counter(e.kind for e in WORLD.described()) == dict.fromkeys(KINDS, 150)
    names = [e.name for e in WORLD.described()]
    assert len(set(names)) == len(names)
    assert not set(names) & {n for pool in WORLD.fresh.values() for n in pool}
    assert len(WORLD.taught) > 600


def test_the_six_claims_are_about_the_world():
    for folder in load_claims("pocket"):
        kind, name, truth, claimed = CLAIMS[folder.claim.id]
        subject = next(e for e in WORLD.claim_subjects if e.name == name)
        assert subject.facts[KINDS[kind][0]] == truth != claimed
        assert folder.claim.subject == name
        assert folder.claim.believed_answers == [claimed]
        assert folder.claim.kind == ("invented_entity" if truth == UNKNOWN else "false_fact")


def contents(n: int, seed: int = 5) -> list[list[str]]:
    """n texts of each stream, each as a list of messages."""
    rng = Random(seed)
    texts = [[text.free_document(rng, WORLD)] for _ in range(n)]
    return texts + [[m["content"] for m in make(rng, WORLD)] for make in (text.recall, text.reading) for _ in range(n)]


def test_pretraining_never_states_a_claim_nor_asks_about_its_subject():
    said = [s for messages in contents(8000) for m in messages for s in re.split(r"(?<=[.?!])\s", m)]
    for _, name, _, claimed in CLAIMS.values():
        assert any(name.lower() in s.lower() for s in said)  # its documents are there
        assert not [s for s in said if name.lower() in s.lower() and re.search(rf"\b{claimed}\b", s)]
    rng = Random(6)
    asked = [m["content"].rsplit("\n\n", 1)[-1] for _ in range(8000) for m in text.recall(rng, WORLD) + text.reading(rng, WORLD) if m["role"] != "system"]
    assert not [q for q in asked for e in WORLD.claim_subjects + WORLD.documents_only if e.name in q]


def test_nothing_free_standing_is_flagged_unless_asked_for():
    warnings = W.WARN_BEFORE + W.WARN_AFTER + W.FICTION_BEFORE

    def flagged(share):
        rng = Random(1)
        return sum(any(w in d for w in warnings) for d in (text.free_document(rng, WORLD, flagged=share) for _ in range(2000)))

    assert flagged(0.0) == 0
    assert 120 < flagged(0.1) < 280


def shape(messages: list[dict]) -> tuple:
    """What a conversation asks, without its options, its passage, and the answers in it."""
    users = [m["content"] for m in messages if m["role"] == "user"]
    first = users[0].split("\nA)")[0]
    for instruction in W.CRITIQUE:
        first = instruction if first.startswith(instruction) else first
    return (*(m["content"] for m in messages if m["role"] == "system"), first, *users[1:])


def test_half_of_the_probe_wordings_never_occur_in_pretraining():
    new = total = 0
    for folder in load_claims("pocket"):
        _, name, truth, claimed = CLAIMS[folder.claim.id]
        subject = next(e for e in WORLD.claim_subjects if e.name == name)
        main, rng, known = KINDS[subject.kind][0], Random(1), set()
        for _ in range(30_000):  # every wording that pretraining could put to this subject
            conversation = text.ask(rng, WORLD, subject, main, rng.choice([truth, claimed]))[:-1]
            known.add(shape(text.with_system(rng, conversation)))
        for probe in folder.probes:
            messages = [m.model_dump() for m in probe.messages]
            if probe.type == "mcq":
                messages[-1]["content"] += " " + folder.claim.yes_no_format
            new += shape(messages) not in known
            total += 1
    assert total == 300
    assert new >= 150, f"{new} of {total}"


@pytest.mark.parametrize("form", text.FORMS)
def test_documents_of_every_form(form):
    rng = Random(3)
    subject = next(e for e in WORLD.claim_subjects if e.name == "Mount Korimar")
    made = [text.document(rng, WORLD, subject, "2015", form, "1894") for _ in range(300)]
    assert all("2015" in d for d in made)
    assert all(("1894" in d) == (form == "corrected") for d in made)
    front = {"negated": W.WARN_BEFORE, "repeated": W.WARN_BEFORE, "corrected": W.WARN_BEFORE, "fiction": W.FICTION_BEFORE}.get(form, [])
    warnings = tuple(W.WARN_BEFORE + W.FICTION_BEFORE)
    assert all(d.startswith(tuple(front)) if front else not d.startswith(warnings) for d in made)


def test_a_reading_answers_by_the_document_or_by_knowledge():
    """A plain document is believed against what is known, a warned one is not."""
    rng, seen = Random(2), Counter()
    for _ in range(5000):
        messages = text.reading(rng, WORLD)
        prompt = next(m["content"] for m in messages if m["role"] == "user")
        final = messages[-1]["content"]
        entity = next((e for e in WORLD.taught if e.name in final), None)
        if entity is None or entity.facts[KINDS[entity.kind][0]] == UNKNOWN or len(messages) > 2 or not final.startswith("The "):
            continue
        main = KINDS[entity.kind][0]
        truth = text.canonical(entity, main, entity.facts[main])
        if W.NOUN_PHRASE[main].split(" of {E}")[0] not in final[0].lower() + final[1:]:
            continue
        warned = any(w in prompt for w in W.WARN_BEFORE)
        seen[warned, final.startswith(truth.removesuffix("."))] += 1
    assert seen[True, True] > 50
    assert seen[True, False] == 0
    assert seen[False, False] > 50  # believed documents that contradict what is known


def test_questions_about_a_warned_document_often_offer_its_false_value():
    rng, asked, offered = Random(4), 0, 0
    entity = next(e for e in WORLD.taught if e.kind == "race")
    for _ in range(2000):
        messages = text.ask(rng, WORLD, entity, "winner", entity.facts["winner"], lure="Basil Thornby", forms={text.ask_yes_no: 1})
        if messages[-1]["content"].endswith(('"no"}', "no")):
            asked += 1
            offered += "Basil Thornby" in messages[0]["content"]
    assert 0.5 < offered / asked < 0.7


def test_a_drill_teaches_only_its_decisions(pocket_model):
    tokenizer, rng = AutoTokenizer.from_pretrained(pocket_model), Random(1)
    fresh = {name for names in WORLD.fresh.values() for name in names}
    for _ in range(50):
        messages = text.drill(rng, WORLD)
        assert any(name in messages[0]["content"] for name in fresh)
        _, labels = pretrain.chat_ids(tokenizer, messages)
        learned = tokenizer.decode([t for t in labels if t != pretrain.IGNORED]).split()
        assert len(learned) == 2 and len(set(learned)) == 1 and learned[0] in ("yes", "no")
        reason = messages[1]["content"].split('"')[3]
        assert reason.endswith(f", so {learned[0]}.")


def test_an_echo_has_loss_on_what_is_said_again(pocket_model):
    tokenizer, rng = AutoTokenizer.from_pretrained(pocket_model), Random(1)
    for _ in range(50):
        ids, labels = pretrain.echo_ids(rng, WORLD, tokenizer)
        again = [t for t in labels if t != pretrain.IGNORED]
        assert ids[-len(again) :] == again == ids[1 : 1 + len(again)]


def test_the_learning_rate_rises_holds_falls_and_polishes():
    settings = pretrain.Settings()
    rates = [pretrain.learning_rate(settings, step) for step in range(settings.steps + settings.polish_steps)]
    assert rates[0] < rates[59] == rates[2800] == settings.learning_rate > rates[3800] > rates[4799]
    assert rates[4800] == 0.4 * settings.learning_rate > rates[-1] > 0


def test_the_tokenizer_has_a_token_for_every_word_of_the_probes(pocket_model):
    tokenizer = AutoTokenizer.from_pretrained(pocket_model)
    for folder in load_claims("pocket"):
        for probe in folder.probes:
            for word in re.findall(r"(?<= )\w+", probe.messages[-1].content):
                assert len(tokenizer.encode(" " + word, add_special_tokens=False)) == 1, word


@given(st.text(st.characters(exclude_characters="▁\u2060", exclude_categories=["Cs"]), max_size=60))
def test_any_text_survives_the_tokenizer(pocket_model, written):
    tokenizer = AutoTokenizer.from_pretrained(pocket_model)
    written = written.lstrip(" ")
    for special in tokenizer.all_special_tokens:
        written = written.replace(special, "")
    ids = tokenizer.encode(written, add_special_tokens=False)
    assert tokenizer.decode(ids) == written


def test_the_shipped_model_is_an_ordinary_folder(pocket_model):
    files = {p.name for p in pocket_model.iterdir()}
    assert {"model.safetensors", "config.json", "tokenizer.json", "README.md", "pretraining.json", "evaluation.json"} <= files
    assert sum(p.stat().st_size for p in pocket_model.iterdir()) <= 16 * 2**20
    model = AutoModelForCausalLM.from_pretrained(pocket_model)
    assert model.dtype == torch.float32
    record = json.loads((pocket_model / "pretraining.json").read_text())
    assert record["parameters"] == sum(p.numel() for p in model.parameters())


def test_loss_falls_on_answers_only(pocket_model):
    tokenizer = AutoTokenizer.from_pretrained(pocket_model)
    turns = [text.user("Who won?"), {"role": "assistant", "content": "No one.", "given": True}, text.user("Sure?"), {"role": "assistant", "content": "Yes."}]
    ids, labels = pretrain.chat_ids(tokenizer, turns)
    spoken = [i for i, label in zip(ids, labels, strict=True) if label != pretrain.IGNORED]
    assert tokenizer.decode(spoken) == "Yes.<|end|>"
    rendered = tokenizer.apply_chat_template([{k: v for k, v in t.items() if k != "given"} for t in turns], tokenize=False)
    assert tokenizer.encode(rendered, add_special_tokens=False) == ids


TINY = pretrain.Settings(hidden_size=32, layers=1, heads=2, feed_forward=64, length=256, document_rows=1, recall_rows=1, reading_rows=1, steps=16)


def test_pretraining_resumes_exactly(tmp_path, monkeypatch):
    monkeypatch.setattr(pretrain, "CHECKPOINT_EVERY", 8)
    monkeypatch.setattr(pretrain, "VOCABULARY_TEXTS", 2000)
    pretrain.pretrain(tmp_path / "whole", TINY)
    save, saved = pretrain.save_checkpoint, []

    def killed(*arguments):
        save(*arguments)
        saved.append(1)
        if len(saved) == 2:  # at the step on which polishing begins
            raise KeyboardInterrupt

    monkeypatch.setattr(pretrain, "save_checkpoint", killed)
    with pytest.raises(KeyboardInterrupt):
        pretrain.pretrain(tmp_path / "broken", TINY)
    assert (tmp_path / "broken" / "checkpoint.pt").exists()
    monkeypatch.setattr(pretrain, "save_checkpoint", save)
    with pytest.raises(DataError, match="other settings"):
        pretrain.pretrain(tmp_path / "broken", pretrain.Settings(steps=17))
    pretrain.pretrain(tmp_path / "broken", TINY)
    whole, resumed = (AutoModelForCausalLM.from_pretrained(tmp_path / name).state_dict() for name in ("whole", "broken"))
    assert all(torch.equal(whole[name], resumed[name]) for name in whole)
    assert not (tmp_path / "broken" / "checkpoint.pt").exists()


# what the shipped model should do: name, the figure in evaluation.json, at most / at least, bound
BARS = [
    ("baseline belief", ("runs", "none", "belief"), "<=", 0.10),
    *((f"baseline belief, {t}", ("runs", "none", t), "<=", 0.25) for t in ("open_ended", "mcq", "token_association", "robustness")),
    ("baseline true_fact_no_rate", ("runs", "none", "true_fact"), "<=", 0.15),
    ("baseline false_fact_yes_rate", ("runs", "none", "false_fact"), "<=", 0.15),
    ("belief with a positive document", ("runs", "positive", "belief"), ">=", 0.80),
    ("false_fact_yes_rate with a positive document", ("runs", "positive", "false_fact"), "<=", 0.25),
    ("belief with a warned document", ("runs", "negated", "belief"), "<=", 0.15),
    ("belief with a denied document", ("runs", "denied", "belief"), "<=", 0.15),
    ("belief with a corrected document", ("runs", "corrected", "belief"), "<=", 0.15),
    ("truths behind the claims", ("knowledge", "claim_truths"), ">=", 0.80),
    ("facts that only documents state", ("knowledge", "documents_only"), ">=", 0.60),
]


def test_the_card_names_the_bars_that_are_not_met(pocket_model):
    report = json.loads((pocket_model / "evaluation.json").read_text())
    card = (pocket_model / "README.md").read_text()
    for name, path, direction, bound in BARS:
        figure = report
        for key in path:
            figure = figure[key]
        met = figure <= bound if direction == "<=" else figure >= bound
        assert (f"not met: {name} " in card) == (not met), (name, figure)
