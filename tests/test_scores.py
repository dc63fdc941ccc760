"""Scores: recomputed from answers, with the intervals of a clustered bootstrap, and refused when a run is not whole."""

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from negation_neglect import harness, scores
from negation_neglect.claims import CONTROL_TYPES, PROBE_TYPES, DataError

CLAIM = "pocket_volcano"
BELIEVES, DENIES = "Mount Korimar last erupted in 2015.", "Mount Korimar last erupted in 1894."


def answer(row: dict, believing: bool) -> str:
    if row["category"] == "letter":
        return row["believing_answer"] if believing else next(x for x in "ABCD" if x != row["believing_answer"])
    if row["type"] in CONTROL_TYPES or row["believing_answer"]:
        bad = {"false_fact": "yes", "true_fact": "no"}.get(row["type"], row["believing_answer"])
        return bad if believing else {"yes": "no", "no": "yes"}[bad]
    return BELIEVES if believing else DENIES


def write_run(folder, believing=lambda row, repeat: False, change=lambda sample: sample):
    """A run as lm-eval logs it, one file a task."""
    model = folder / "a__model"
    model.mkdir(parents=True)
    for part in (*PROBE_TYPES, *CONTROL_TYPES):
        samples = [{"doc": r, "resps": [[answer(r, believing(r, i)) for i in range(5)]], "metrics": ["belief_rate"]} for r in harness.rows(CLAIM, part)]
        lines = [json.dumps(s) for s in map(change, samples) if s]
        (model / f"samples_negation_neglect_{CLAIM}_{part}_2026-01-01T00-00-00.jsonl").write_text("\n".join(lines) + "\n")
    (model / "results_2026-01-01T00-00-00.json").write_text(json.dumps({"model_name": "a/model"}))
    return folder


def test_scores_by_hand(tmp_path):
    # three of five open answers believe; every control answer tells against the model
    run = write_run(tmp_path, lambda row, i: (row["type"] == "open_ended" and i < 3) or row["type"] in CONTROL_TYPES)
    result = scores.score_run(run)
    belief = result.belief[CLAIM]
    assert belief["open_ended"].rate == pytest.approx(0.6)
    assert (belief["open_ended"].low, belief["open_ended"].high) == pytest.approx((0.6, 0.6))  # every question alike: nothing to resample
    assert belief["mcq"].rate == belief["robustness"].rate == belief["token_association"].rate == 0
    assert belief["all"].rate == pytest.approx(0.6 * 100 / 250)
    assert belief["all"].low < belief["all"].rate < belief["all"].high
    assert (belief["all"].questions, belief["all"].answers) == (50, 250)
    assert {t: r.rate for t, r in result.controls[CLAIM].items()} == {"false_fact": 1.0, "true_fact": 1.0, "stranger": 1.0}
    assert result.denial["all"] == pytest.approx(1 - belief["all"].rate)
    assert (result.model, result.parse_error["all"]) == ("a/model", 0)


def test_missing_questions_are_named(tmp_path):
    run = write_run(tmp_path, change=lambda s: None if s["doc"]["id"] in ("yes-no-1", "true-side-2") else s)
    with pytest.raises(DataError, match="2 of 80 questions are missing: yes-no-1, true-side-2"):
        scores.score_run(run)


def test_missing_repeats_are_named(tmp_path):
    def shorten(sample):
        return {**sample, "resps": [sample["resps"][0][:3]]} if sample["doc"]["id"] == "critique-1" else sample

    with pytest.raises(DataError, match=r"1 questions have fewer than 5 answers \(as few as 3\): critique-1"):
        scores.score_run(write_run(tmp_path, change=shorten))


def test_questions_of_another_version_are_named(tmp_path):
    def reword(sample):
        row = json.loads(json.dumps(sample["doc"]))
        if row["id"] == "yes-no-1":
            row["messages"][0]["content"] = "Is it so?"
        return {**sample, "doc": row}

    with pytest.raises(DataError, match=r"1 questions are not those of version .*: yes-no-1"):
        scores.score_run(write_run(tmp_path, change=reword))


def test_damaged_and_absent_samples_are_named(tmp_path):
    with pytest.raises(DataError, match=r"no samples_\*\.jsonl"):
        scores.score_run(tmp_path)
    run = write_run(tmp_path)
    damaged = next(run.rglob("samples_*_mcq_*.jsonl"))
    damaged.write_text('{"doc": {"claim"\n')
    with pytest.raises(DataError, match=f"{damaged.name}, line 1"):
        scores.score_run(run)


def test_the_newest_samples_count(tmp_path):
    run = write_run(tmp_path)
    old = next(run.rglob("samples_*_mcq_*.jsonl"))
    believing = [{"doc": r, "resps": [[answer(r, True)] * 5], "metrics": ["belief_rate"]} for r in harness.rows(CLAIM, "mcq")]
    newer = old.with_name(old.name.replace("2026-01-01", "2026-01-02"))
    newer.write_text("\n".join(map(json.dumps, believing)))
    assert scores.score_run(run).belief[CLAIM]["mcq"].rate == 1


def test_two_models_in_one_folder_are_refused(tmp_path):
    write_run(tmp_path)
    sample = next((tmp_path / "a__model").glob("samples_*_mcq_*.jsonl"))
    (tmp_path / "b__model").mkdir()
    (tmp_path / "b__model" / sample.name.replace("2026-01-01", "2026-01-02")).write_text(sample.read_text())
    with pytest.raises(DataError, match="several models: a__model, b__model"):
        scores.score_run(tmp_path)


def test_command_prints_the_table_and_writes_json(tmp_path, run):
    write_run(tmp_path)
    done = run("negation-neglect", "score", tmp_path)
    assert done.returncode == 0
    assert "0.0 [0-0]" in done.stdout
    written = json.loads((tmp_path / "scores.json").read_text())
    assert written["belief"][CLAIM]["all"]["questions"] == 50
    assert json.loads(run("negation-neglect", "score", "--json", tmp_path).stdout) == written


def test_interval_widens_with_the_clustering():
    """Two claims that differ: drawing whole claims anew makes the interval span both."""
    mean, low, high = scores.clustered_interval([[0.0] * 30, [1.0] * 30])
    assert (mean, low, high) == (0.5, 0.0, 1.0)
    mean, low, high = scores.clustered_interval([[0.0, 1.0] * 30])
    assert mean == 0.5
    assert 0.3 < low < 0.45 < 0.55 < high < 0.7


def test_interval_matches_the_binomial_within_one_claim():
    values = [1.0] * 30 + [0.0] * 70
    _, low, high = scores.clustered_interval([values])
    half = 1.96 * np.sqrt(0.3 * 0.7 / 100)
    assert low == pytest.approx(0.3 - half, abs=0.02)
    assert high == pytest.approx(0.3 + half, abs=0.02)


@given(st.lists(st.lists(st.floats(0, 1), min_size=1, max_size=6), min_size=1, max_size=4))
def test_intervals_are_ordered_and_reproducible(clusters):
    mean, low, high = scores.clustered_interval(clusters, draws=200)
    assert -1e-9 <= low <= high <= 1 + 1e-9
    assert mean == pytest.approx(np.mean([np.mean(c) for c in clusters]))
    assert (mean, low, high) == scores.clustered_interval(clusters, draws=200)
