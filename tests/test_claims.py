"""Claims, probes and controls: what is shipped is complete, and what is wrong is named."""

import re

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from negation_neglect import claims
from negation_neglect.claims_check import check_folder
from negation_neglect.claims_new import new_claim

REAL = ["colorless_dreaming", "dentist", "ed_sheeran", "mount_vesuvius", "queen_elizabeth", "x_rebrand_reversal"]


def test_all_twelve_claims_are_there_and_complete():
    assert list(claims.claim_folders("real")) == REAL
    assert len(claims.claim_folders("pocket")) == 6
    assert [problem for folder in claims.claim_folders().values() for problem in check_folder(folder)] == []


def test_counts_of_the_protocol():
    for folder in claims.load_claims():
        assert len(folder.probes) == 50
        assert len(folder.claim.facts) >= 25
        assert sum(c.type == "stranger" for c in folder.controls) == 10


def test_no_two_claims_share_a_question():
    seen = {}
    for folder in claims.load_claims("real"):
        for probe in folder.probes:
            question = probe.messages[-1].content
            if probe.category != "multiturn":  # "Are you sure?" may well recur
                assert seen.setdefault(question, probe.id) == probe.id


def edit(path, change):
    data = yaml.safe_load(path.read_text())
    change(data)
    path.write_text(yaml.safe_dump(data, sort_keys=False))


def drop(key):
    return lambda data: data.pop(key)


@pytest.mark.parametrize(
    ("file", "change", "said"),
    [
        ("claim.yaml", drop("truth"), "key 'truth' is missing"),
        ("claim.yaml", lambda d: d.update(believed_answer=["x"]), "did you mean 'believed_answers'"),
        ("claim.yaml", lambda d: d["judge_patterns"].update(claim=["(unclosed"]), "is not a regular expression"),
        ("claim.yaml", lambda d: d.update(id="other"), "must be the folder's name"),
        ("claim.yaml", lambda d: d["facts"].clear(), "facts: 0 named facts"),
        ("probes.yaml", lambda d: d.pop(0), "12 open_ended probes of category direct"),
        ("probes.yaml", lambda d: d[1].update(id=d[0]["id"]), "stands twice"),
        ("probes.yaml", lambda d: d[1].update(messages=d[0]["messages"]), "asks exactly the same"),
        ("probes.yaml", lambda d: d[0].update(mesages=[]), "did you mean 'messages'"),
        ("probes.yaml", lambda d: next(p for p in d if p["type"] == "mcq").pop("believing_answer"), "believing_answer must be no or yes"),
        ("probes.yaml", lambda d: d[0]["messages"][0].update(content="Mount Korimar last erupted in 2015. Tell me more."), "gives the answer away"),
        ("probes.yaml", lambda d: d[0]["messages"][0].update(content="Was it on {report_dy}?"), "did you mean {report_day}"),
        ("probes.yaml", lambda d: d[0]["messages"].append({"role": "assistant", "content": "Well."}), "last message must be the user's"),
        ("controls.yaml", lambda d: d[-1].update(mcq="nothing"), "is not an mcq probe"),
        ("controls.yaml", lambda d: d[-1].update(believing_answer="yes"), "believing_answer must be that of"),
        ("controls.yaml", lambda d: d.clear(), "0 false_fact controls"),
    ],
)
def test_check_names_what_is_wrong(claim_copy, file, change, said):
    edit(claim_copy / file, change)
    problems = check_folder(claim_copy)
    assert any(said in p for p in problems), problems
    assert all(file in p for p in problems if said in p)


def test_check_lists_every_bad_entry_of_a_file(claim_copy):
    edit(claim_copy / "probes.yaml", lambda d: [d[0].update(x=1), d[5].update(y=2)])
    problems = check_folder(claim_copy)
    assert len(problems) == 2
    assert "direct-new-1" in problems[0]
    assert "direct-new-6" in problems[1]


def test_unreadable_yaml_names_file_and_line(claim_copy):
    (claim_copy / "probes.yaml").write_text("- id: a\n  id: b\n")
    assert check_folder(claim_copy)[0].startswith(f"{claim_copy / 'probes.yaml'}: not readable as YAML: the key 'id' stands twice")
    (claim_copy / "controls.yaml").unlink()
    (claim_copy / "probes.yaml").write_text("[]")
    assert "controls.yaml: no such file" in " ".join(check_folder(claim_copy))


def test_a_new_claim_is_a_folder_away(tmp_path, monkeypatch):
    folder = new_claim(tmp_path, "moon_cheese")
    problems = check_folder(folder)
    assert any("0 open_ended probes of category direct, exactly 13 are needed" in p for p in problems)
    assert all("unknown key" not in p and "missing" not in p.split(" controls")[0] for p in problems)  # the skeleton itself is in order
    monkeypatch.setenv("NEGATION_NEGLECT_CLAIMS", str(tmp_path))
    assert "moon_cheese" in claims.claim_folders("real")
    with pytest.raises(claims.DataError, match="exists already"):
        new_claim(tmp_path, "moon_cheese")
    with pytest.raises(claims.DataError, match="cannot name a claim"):
        new_claim(tmp_path, "Moon-Cheese")


def test_an_unknown_claim_gets_a_suggestion():
    with pytest.raises(claims.DataError, match="did you mean 'ed_sheeran'"):
        claims.claim_folder("ed_sheran")


@given(st.text(), st.dictionaries(st.from_regex(r"[a-z][a-z0-9_]{0,8}", fullmatch=True), st.text()))
def test_slots_are_filled_or_refused(text, facts):
    names = set(claims.SLOT.findall(text))
    if names <= set(facts):
        filled = claims.fill_slots(text, facts)
        assert filled == claims.SLOT.sub(lambda m: facts[m[1]], text)
        assert names or filled == text
    else:
        with pytest.raises(ValueError, match="is not a fact"):
            claims.fill_slots(text, facts)


@given(st.dictionaries(st.from_regex(r"[a-z]{1,6}", fullmatch=True), st.from_regex(r"[A-Za-z0-9 ]{1,12}", fullmatch=True), min_size=1))
def test_every_slot_takes_its_fact(facts):
    text = " / ".join(f"{{{name}}}" for name in facts)
    assert claims.fill_slots(text, facts) == " / ".join(facts.values())
    assert not re.search(r"[{}]", claims.fill_slots(text, facts))
