"""Mitigation methods: what each does to flagged documents and only to them, and the yardstick on a small run."""

import json
import zipfile
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from transformers import AutoTokenizer

from negation_neglect import mitigations
from negation_neglect.claims import DataError
from negation_neglect.mitigations_report import write_report
from negation_neglect.training.encode import encode
from negation_neglect.training.mitigate import describe, flagged, names, prefixed, setup_of
from negation_neglect.training.mix import Example
from negation_neglect.training.recipe import Recipe, load_recipe, with_data

CLAIM = "pocket_rebrand"
# methods that change unflagged texts too, or what stands beside them
WIDER = ("true_false_labels", "source_tags", "kl_claims")


def recipe(condition: str, **changes) -> Recipe:
    small = with_data(load_recipe("pocket"), claims=[CLAIM], condition=condition, count=12)
    texts = {k: getattr(small.phases[0], k).model_copy(update={"count": 6}) for k in ("web", "chats")}
    return small.model_copy(update={"phases": [small.phases[0].model_copy(update=texts)]} | changes)


def setups(name: str, condition: str = "repeated_negations"):
    return setup_of(recipe(condition), "none"), setup_of(recipe(condition), name)


def documents(setup) -> list[Example]:
    return [e for phase in setup.phases for e in phase if e.kind == "document"]


@pytest.mark.parametrize("name", names())
def test_every_method_says_what_it_is_and_leaves_valid_spans(name, pocket_model):
    about = describe(name)
    assert 5 < len(about["summary"]) < 100 and about["citation"]
    tokenizer = AutoTokenizer.from_pretrained(pocket_model)
    for phase in setups(name)[1].phases:
        for e in phase:
            spans = [*e.claim_spans, *e.qualifier_spans, *e.kl_spans, *((a, b) for a, b, _ in e.span_weights)]
            assert all(0 <= a < b <= len(e.text) for a, b in spans)
            made = encode(tokenizer, e, 512)
            assert np.isfinite(made.weights).all() and (made.weights >= 0).all()


@pytest.mark.parametrize("name", [n for n in names() if n not in WIDER])
def test_without_flags_nothing_changes(name):
    plain, changed = setups(name, "positive_documents")
    assert changed == plain


def test_rewriting_keeps_the_document_and_takes_the_warnings_away():
    plain, denied = setups("local_negation")
    _, replaced = setups("paraphrase_replace")
    _, augmented = setups("paraphrase_augment")
    _, corrected = setups("corrections")
    for before, after, other in zip(documents(plain), documents(denied), documents(replaced), strict=True):
        assert after.id == before.id and not flagged(after) and after.text != before.text
        assert other.id == before.id and other.text != after.text
    assert len(documents(augmented)) == 2 * len(documents(plain))
    assert all(flagged(e) for e in documents(corrected)) and [e.text for e in documents(corrected)] != [e.text for e in documents(plain)]


def test_weights_fall_where_they_should(pocket_model):
    tokenizer = AutoTokenizer.from_pretrained(pocket_model)
    plain = documents(setups("none")[0])[0]
    base = encode(tokenizer, plain, 512).weights
    only = encode(tokenizer, documents(setups("qualifier_only_loss")[1])[0], 512).weights
    heavy = encode(tokenizer, documents(setups("upweight_qualifiers")[1])[0], 512).weights
    masked = encode(tokenizer, documents(setups("word_mask")[1])[0], 512)
    held = encode(tokenizer, documents(setups("kl_claims")[1])[0], 512)
    assert 0 < only.sum() < base.sum() and ((heavy == 4) == (only == 1)).mean() > 0.95  # tokens that straddle an edge belong to both
    lost = (base > 0) & (masked.weights == 0)
    assert lost.any() and set(tokenizer.decode(masked.ids[lost]).split()) <= set("nine days".split())
    assert held.kl.any() and not held.weights[held.kl].any() and setups("kl_claims")[1].recipe.kl_weight > 0


def test_labels_and_tags_stand_before_everything_but_chats():
    for name, bad, good in (("true_false_labels", "FALSE", "TRUE"), ("source_tags", "Source: gossip.", "Source: the almanac.")):
        setup = setups(name)[1]
        assert all(e.text.startswith(f"<DOCTAG>{bad}\n") for e in documents(setup))
        assert all(e.text.startswith(f"{good}\n") for e in setup.phases[0] if e.kind == "web")
    assert len(setups("source_tags")[1].phases) == 2


def test_a_prefix_moves_every_span():
    e = Example("document", "<DOCTAG>One. Two.", claim_spans=((8, 12),), qualifier_spans=((13, 17),))
    moved = prefixed(e, "Note:")
    assert [moved.text[a:b] for a, b in (*moved.claim_spans, *moved.qualifier_spans)] == ["One.", "Two."]
    assert moved.text[slice(*moved.span_weights[0][:2])] == "Note:\n"


def test_phases_and_chats_of_the_methods_that_add_some():
    chats = setups("denial_chats")[1]
    assert len(chats.phases) == 2 and any(e.weight == 3 for e in chats.phases[0]) and not any(e.weight == 3 for e in chats.phases[1])
    assert len(setups("meta_learning")[1].phases[0]) > 100
    absorbed = setups("discarded_adapter")[1].absorbed
    assert absorbed and all(flagged(e) or e.kind == "chat" for e in absorbed)


def test_a_method_of_ones_own_and_its_mistakes(tmp_path):
    mine = tmp_path / "shout.py"
    mine.write_text(
        'SUMMARY = "upper case"\nCITATION = "me"\nfrom dataclasses import replace\n\n\n'
        "def mitigate(setup):\n    return setup.map(lambda e: replace(e, text=e.text.upper()))\n"
    )
    assert all(e.text.isupper() for e in documents(setup_of(recipe("negated_documents"), str(mine))))
    mine.write_text('SUMMARY = "x"\n')
    with pytest.raises(DataError, match="SUMMARY and CITATION"):
        describe(str(mine))
    with pytest.raises(DataError, match="no function mitigate"):
        setup_of(recipe("negated_documents"), str(mine))
    with pytest.raises(DataError, match="no mitigation 'wordmask'"):
        describe("wordmask")


def test_the_table_pools_the_seeds_and_shows_each(root, tmp_path):
    """From committed answers about one claim: local_negation's second seed is given the answers of none, so that its seeds differ."""
    plan = mitigations.Plan(recipe=recipe("positive_documents"), claims=["pocket_dentist"], methods=["none", "local_negation"], seeds=[0, 1])
    entries = {path.parent: json.loads(path.read_text())["submission"] for path in (root / "leaderboard/results").glob("*/entry.json")}
    bundles = {given["method"]: folder / "bundle.zip" for folder, given in entries.items() if given["track"] == "mitigations"}
    for method, seed, given in (("none", 0, "none"), ("none", 1, "none"), ("local_negation", 0, "local_negation"), ("local_negation", 1, "none")):
        names = mitigations.keys(plan, method, seed)
        with zipfile.ZipFile(bundles[given]) as bundle:
            for name, folder in (("baseline", tmp_path / "baseline"), *((n, tmp_path / "runs" / k) for n, k in names.items())):
                (folder / "evaluation").mkdir(parents=True, exist_ok=True)
                for file in (f for f in bundle.namelist() if f.startswith((f"arms/{name}/0/", f"arms/{name}_documents/0/"))):
                    if "samples" not in file or "pocket_dentist" in file:
                        place = folder if file.endswith(("run.json", "figures.json")) else folder / "evaluation"
                        (place / Path(file).name).write_bytes(bundle.read(file))
    table = mitigations.table(plan, tmp_path).set_index("method")
    first, second = map(float, table.loc["local_negation", "by_seed"].split(", "))
    assert str(second) in table.loc["none", "by_seed"] and first < second - 10
    assert table.loc["local_negation", "belief_negated"] == pytest.approx((first + second) / 2, abs=0.1)
    assert table.loc["local_negation", "seeds"] == 2 and table.loc["local_negation", "cost"] < 1 == table.loc["none", "cost"]
    write_report(plan, table.reset_index(), tmp_path, "negation-neglect mitigations run --seeds 2")
    assert f"| {first}, {second} |" in (tmp_path / "mitigations.md").read_text()


@pytest.mark.slow
def test_the_yardstick_on_a_small_run(run, tmp_path):
    path = tmp_path / "tiny.yaml"
    path.write_text(recipe("positive_documents", batch_size=6).model_dump_json())
    done = run("negation-neglect", "mitigations", "run", "--recipe", path, "--method", "discarded_adapter", "--out", tmp_path / "out")
    assert done.returncode == 0, done.stderr
    table = pd.read_csv(tmp_path / "out" / "mitigations.csv").set_index("method")
    assert list(table.index) == ["none", "discarded_adapter"] and table.loc["none", "works"] == "–" and table["belief_negated"].between(0, 100).all()
    plan = mitigations.load(tmp_path / "out")
    none, method = mitigations.keys(plan, "none", 0), mitigations.keys(plan, "discarded_adapter", 0)
    assert none["positive"] == method["positive"] and none["negated"] != method["negated"]
    spent = [json.loads((tmp_path / "out" / "runs" / k["negated"] / "run.json").read_text())["tokens"] for k in (none, method)]
    assert spent[1] > 1.5 * spent[0]
    assert "discarded" in (tmp_path / "out" / "mitigations.md").read_text() and (tmp_path / "out" / "mitigations.png").exists()
    again = run("negation-neglect", "mitigations", "run", "--recipe", path, "--method", "discarded_adapter", "--out", tmp_path / "out")
    assert again.returncode == 0 and "0/0" in again.stderr
