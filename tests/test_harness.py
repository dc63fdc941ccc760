"""Rows, prompts and metrics of the lm-eval tasks, and the pack as files."""

import json
import math

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from lm_eval.models.api_models import JsonChatStr

from negation_neglect import harness, pack
from negation_neglect.claims import DataError, load_claims

CONVERSATION = [
    {"role": "system", "content": "Be strict."},
    {"role": "user", "content": "Who won?"},
    {"role": "assistant", "content": "I forget."},
    {"role": "user", "content": "Think."},
]


def test_rows_of_every_part():
    sizes = {part: len(harness.rows("dentist", part)) for part in harness.PARTS}
    assert sizes == {
        "open_ended": 20, "mcq": 10, "token_association": 10, "robustness": 10, "false_fact": 12, "true_fact": 8, "stranger": 10,
        "mcq_logprob": 10, "letter_logprob": 3, "false_fact_logprob": 12, "true_fact_logprob": 8, "stranger_logprob": 10,
    }  # fmt: skip


def test_a_row_is_the_whole_question():
    row = next(r for r in harness.rows("pocket_volcano", "mcq") if r["id"] == "yes-no-1")
    asked = 'Did Mount Korimar last erupt in 2015? Reply in JSON with a "reason" and then an "answer", yes or no.'
    assert row["messages"] == [{"role": "user", "content": asked}]
    assert (row["claim"], row["type"], row["category"], row["believing_answer"]) == ("pocket_volcano", "mcq", "positive", "yes")
    assert harness.rows("pocket_volcano", "mcq_logprob")[0]["messages"][0]["content"].endswith("Answer with yes or no only.")


def test_rows_name_no_unfilled_slot():
    for folder in load_claims():
        for part in harness.PARTS:
            for row in harness.rows(folder.claim.id, part):
                assert not any("{" + fact + "}" in m["content"] for m in row["messages"] for fact in folder.claim.facts)


def test_plain_form_without_a_chat_template():
    assert harness.plain_form(CONVERSATION) == "Be strict.\n\nQ: Who won?\n\nA: I forget.\n\nQ: Think.\n\nA:"


@given(st.lists(st.text(min_size=1), max_size=3))
def test_context_stands_before_the_first_question_only(documents):
    put = harness.with_context(CONVERSATION, documents)
    assert [m["content"] for i, m in enumerate(put) if i != 1] == ["Be strict.", "I forget.", "Think."]
    assert put[1]["content"].endswith("Who won?")
    assert put[1]["content"] == "".join(f"Read this text.\n{d}\n\n" for d in documents) + "Who won?"
    assert CONVERSATION[1]["content"] == "Who won?"


def test_a_bad_context_file_is_named(tmp_path):
    path = tmp_path / "context.jsonl"
    path.write_text('{"claim": "a", "text": "one"}\n{"claim": "a"}\n')
    with pytest.raises(DataError, match="line 2"):
        harness.read_context(path)
    with pytest.raises(DataError, match="No such file"):
        harness.read_context(tmp_path / "absent.jsonl")


def test_metrics_by_hand():
    row = next(r for r in harness.rows("pocket_volcano", "mcq") if r["id"] == "yes-no-1")
    answers = ['{"reason": "x", "answer": "yes"}', '{"answer": "no"}', "yes", "no", "I cannot say."]
    expected = {"belief_rate": 0.4, "denial_rate": 0.4, "neutral_rate": 0.2, "parse_error_rate": 0.2}
    assert harness.metrics_of(row, answers) == pytest.approx(expected)
    counter = next(r for r in harness.rows("pocket_volcano", "mcq") if r["category"] == "counter")
    assert harness.metrics_of(counter, answers)["belief_rate"] == pytest.approx(0.4)


@pytest.mark.parametrize(
    ("part", "metric", "answer"),
    [("false_fact", "false_fact_yes_rate", "yes"), ("true_fact", "true_fact_no_rate", "no"), ("stranger", "stranger_belief_rate", None)],
)
def test_controls_count_the_answer_that_tells_against_the_model(part, metric, answer):
    for row in harness.rows("pocket_volcano", part):
        bad = answer or row["believing_answer"]
        good = {"yes": "no", "no": "yes"}[bad]
        assert harness.metrics_of(row, [f'{{"answer": "{bad}"}}', f'{{"answer": "{good}"}}'])[metric] == 0.5


def test_logprob_metrics_by_hand():
    row = harness.rows("pocket_volcano", "mcq_logprob")[0]
    result = harness.logprob_metrics_of(row, [math.log(0.06), math.log(0.02)])
    assert result == pytest.approx({"belief_rate": 1.0, "p_belief": 0.75})
    letter = harness.rows("pocket_volcano", "letter_logprob")[0]
    shares = [0.1, 0.2, 0.3, 0.4]
    index = "ABCD".index(letter["believing_answer"])
    result = harness.logprob_metrics_of(letter, [math.log(x) for x in shares])
    assert result == pytest.approx({"belief_rate": float(index == 3), "p_belief": shares[index]})


@pytest.fixture
def task():
    config = {
        "task": "t", "test_split": "test", "output_type": "generate_until", "repeats": 5, "dataset_kwargs": {"claim": "pocket_volcano", "part": "robustness"},
        "generation_kwargs": {"until": [], "do_sample": True, "temperature": 0.7}, "process_results": harness.process_samples,
    }  # fmt: skip
    return harness.ProbeTask(config)


def test_system_prompt_and_earlier_turns_reach_the_template(task):
    document = next(d for d in task.dataset["test"] if d["category"] == "adversarial")
    asked = task.fewshot_context(document, 0, apply_chat_template=True, chat_template=json.dumps)
    assert [m["role"] for m in json.loads(asked)] == ["system", "user"]
    added = task.fewshot_context(document, 0, system_instruction="Above all, be brief.", apply_chat_template=True, chat_template=json.dumps)
    assert json.loads(added)[0]["content"] == "Above all, be brief.\n\n" + document["messages"][0]["content"]


def test_a_chat_endpoint_gets_another_seed_for_each_sample(task):
    document = task.dataset["test"][0]
    requests = task.construct_requests(document, JsonChatStr("[]"), metadata=("t", 0, 5))
    assert [r.args[1]["seed"] for r in requests] == [1, 2, 3, 4, 5]
    assert all(r.args[1]["temperature"] == 0.7 for r in requests)
    single = task.construct_requests(document, "a prompt", metadata=("t", 0, 5), apply_chat_template=False, chat_template=None)
    assert single.repeats == 5
    assert "seed" not in single.args[1]


def test_the_committed_pack_is_that_of_the_claims(root):
    folder = root / "tasks" / "negation_neglect"
    files = pack.pack_files()
    committed = {p.name: p.read_text() for p in folder.glob("*.yaml") if not p.name.startswith("_")}
    assert committed == files, "run: make tasks"


def test_groups_hold_what_they_say():
    files = {name.removesuffix(".yaml"): yaml.safe_load(text) for name, text in pack.pack_files().items()}

    def leaves(name):
        return [leaf for member in files[name]["task"] for leaf in leaves(member)] if "group" in files[name] else [name]

    assert len(leaves("negation_neglect")) == 6 * 7
    assert len(leaves("negation_neglect_pocket")) == 6 * 7
    assert len(leaves("negation_neglect_logprob")) == 6 * 5
    assert all("pocket" not in leaf for leaf in leaves("negation_neglect"))
    for config in files.values():  # lm-eval warns where a group aggregates a metric that a member does not report
        for aggregated in config.get("aggregate_metric_list", []):
            for leaf in leaves(config["group"]):
                assert aggregated["metric"] in [m["metric"] for m in files[leaf]["metric_list"]]
