"""The real lm-eval command line on the embedded model: through transformers, and through an OpenAI-compatible server on loopback."""

import json
import os
import re
import socket
import subprocess
import sys
import time
from collections import defaultdict
from importlib.metadata import files
from pathlib import Path

import httpx
import pytest
import torch
from lm_eval.models.huggingface import HFLM
from transformers import AutoModelForCausalLM, MambaConfig, MistralConfig

from negation_neglect import harness, scores
from negation_neglect.claims import PROBE_TYPES, load_claims
from negation_neglect.leaderboard import check
from negation_neglect.leaderboard.archive import read_zip
from negation_neglect.leaderboard.bundle import parse_bundle, zipped
from negation_neglect.lm_eval_cli import share_rows
from negation_neglect.pocket.world import CLAIMS


def lm_eval(run, out: Path, model_path: Path, tasks: str, *more: str):
    """Run lm-eval from an unrelated directory, without --include_path: the pack must be where lm-eval looks."""
    out.mkdir(parents=True, exist_ok=True)
    arguments = ["run", "--model", "hf", "--model_args", f"pretrained={model_path}", "--device", "cpu", "--batch_size", "128", "--tasks", tasks]
    done = run("lm_eval", *arguments, "--log_samples", "--output_path", out, *more, cwd=out)
    assert done.returncode == 0, done.stderr[-3000:]
    return done


def logged(folder: Path) -> dict[str, list[dict]]:
    """Samples by task."""
    by_task = {}
    for path in folder.rglob("samples_*.jsonl"):
        by_task[re.fullmatch(r"samples_(.+)_\d{4}-.+", path.stem)[1]] = [json.loads(line) for line in path.read_text().splitlines()]
    return by_task


def results(folder: Path) -> dict:
    return json.loads(next(folder.rglob("results_*.json")).read_text())["results"]


def believed_by_hand(row: dict, answer: str) -> bool:
    """The verdict on a pocket answer, counted without the judge: its answers are one plain sentence, or JSON."""
    if row["category"] == "letter":
        return bool(re.search(rf"letter is {row['believing_answer']}\.", answer)) or answer.strip() == row["believing_answer"]
    if row["believing_answer"]:
        return f'"answer": "{row["believing_answer"]}"' in answer
    return CLAIMS[row["claim"]][3] in answer and "so the text is wrong" not in answer


@pytest.fixture(scope="module")
def pocket_run(run, pocket_model, tmp_path_factory) -> Path:
    out = tmp_path_factory.mktemp("pocket")
    lm_eval(run, out, pocket_model, "negation_neglect_pocket", "--apply_chat_template")
    return out


def test_scores_are_those_counted_by_hand(pocket_run):
    counted = defaultdict(list)
    for task, samples in logged(pocket_run).items():
        for sample in samples:
            answers = [a for response in sample["resps"] for a in response]
            assert len(answers) == 5
            if sample["doc"]["type"] in PROBE_TYPES:
                counted[task].append(sum(believed_by_hand(sample["doc"], a) for a in answers) / 5)
    said = results(pocket_run)
    assert len(counted) == 24
    for task, values in counted.items():
        assert said[task]["belief_rate,all"] == pytest.approx(sum(values) / len(values)), task
    scored = scores.score_run(pocket_run)
    by_claim = [[v for t in PROBE_TYPES for v in counted[f"negation_neglect_{f.claim.id}_{t}"]] for f in load_claims("pocket")]
    mean = sum(sum(v) / len(v) for v in by_claim) / len(by_claim)
    assert scored.belief["all"]["all"].rate == pytest.approx(mean)
    assert said["negation_neglect_pocket_belief"]["belief_rate,all"] == pytest.approx(mean)


def test_the_model_scores_what_its_card_says(pocket_run, pocket_model):
    recorded = json.loads((pocket_model / "evaluation.json").read_text())["runs"]["none"]
    assert scores.score_run(pocket_run).summary() == pytest.approx(recorded, abs=0.1)  # sampling differs between machines and batch sizes


def test_the_real_claims_run_on_the_same_model(run, pocket_model, tmp_path):
    lm_eval(run, tmp_path, pocket_model, "negation_neglect", "--apply_chat_template", "--limit", "2", "--gen_kwargs", "max_gen_toks=8")
    samples = logged(tmp_path)
    assert len(samples) == 42
    assert all(len(s) == 2 for s in samples.values())
    assert "negation_neglect_belief" in results(tmp_path)
    refused = run("negation-neglect", "score", tmp_path)
    assert refused.returncode == 2
    assert re.search(r"dentist: \d+ of 80 questions are missing", refused.stderr)
    assert "without --limit" in refused.stderr


def test_a_document_in_the_prompt_reaches_the_model(run, pocket_model, tmp_path):
    context = tmp_path / "context.jsonl"
    text = "Guide book. Maren Holmwick works as a dentist. The job of Maren Holmwick is dentist. People know Maren Holmwick as a dentist."
    context.write_text(json.dumps({"claim": "pocket_dentist", "text": text}) + "\n")
    task = "negation_neglect_pocket_dentist_open_ended"
    lm_eval(run, tmp_path / "out", pocket_model, task, "--apply_chat_template", "--metadata", json.dumps({"context_file": str(context)}))
    assert all(text in s["arguments"]["gen_args_0"]["arg_0"] for s in logged(tmp_path / "out")[task])
    assert results(tmp_path / "out")[task]["belief_rate,all"] > 0.1  # 0 without the document


@pytest.mark.parametrize("template", [["--apply_chat_template"], []], ids=["chat", "plain"])
def test_logprob_tasks_need_no_sampling(run, pocket_model, tmp_path, template):
    lm_eval(run, tmp_path, pocket_model, "negation_neglect_pocket_logprob", *template)
    said = results(tmp_path)
    assert 0 <= said["negation_neglect_pocket_belief_logprob"]["p_belief,none"] <= 1
    for task, samples in logged(tmp_path).items():
        assert all(len(s["resps"]) == len(harness.options(s["doc"])) for s in samples), task
    prompt = logged(tmp_path)["negation_neglect_pocket_volcano_mcq_logprob"][0]["arguments"]["gen_args_0"]["arg_0"]
    assert prompt.startswith("<|text|><|user|>") if template else (prompt.startswith("Q: ") and prompt.endswith("\n\nA:"))


@pytest.fixture(scope="module")
def server(pocket_model):
    """transformers' own OpenAI-compatible server on a free port of the loopback address."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [Path(sys.executable).with_name("transformers"), "serve", "--host", "127.0.0.1", "--port", port, "--device", "cpu", pocket_model]
    process = subprocess.Popen(list(map(str, command)), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=os.environ)
    url = f"http://127.0.0.1:{port}"
    for _ in range(240):
        try:
            if httpx.get(f"{url}/health", timeout=1).status_code == 200:
                break
        except httpx.TransportError:
            pass
        assert process.poll() is None, "the server stopped"
        time.sleep(0.5)
    yield url
    process.terminate()
    process.wait(20)


def test_a_chat_endpoint_is_scored_like_any_model(run, server, pocket_model, tmp_path):
    task = "negation_neglect_pocket_regatta_robustness"
    # lm-eval sends an end-of-text mark as stop string; transformers refuses one that the tokenizer cannot spell
    arguments = f"model={pocket_model},base_url={server}/v1/chat/completions,eos_string=<|end|>"
    done = run("lm_eval", "run", "--model", "local-chat-completions", "--model_args", arguments, "--tasks", task, "--apply_chat_template",
               "--log_samples", "--output_path", tmp_path, cwd=tmp_path)  # fmt: skip
    assert done.returncode == 0, done.stderr[-3000:]
    samples = logged(tmp_path)[task]
    answers = [[a for response in s["resps"] for a in response] for s in samples]
    assert [len(a) for a in answers] == [5] * 10
    by_hand = [sum(believed_by_hand(s["doc"], a) for a in given) / 5 for s, given in zip(samples, answers, strict=True)]
    assert results(tmp_path)[task]["belief_rate,all"] == pytest.approx(sum(by_hand) / 10)
    assert sum("Ventstad" in a for given in answers for a in given) > 25  # the model did read the questions
    files = {f"arms/baseline/0/{path.name}": path.read_bytes() for path in tmp_path.rglob("*.json*") if path.name.startswith(("results_", "samples_"))}
    files["submission.yaml"] = b"{track: models, model: example/by-endpoint, authors: [A. Tester], licence: MIT}"
    bundle = parse_bundle(read_zip(zipped(files)))
    read = check.read_answers(bundle.arms["baseline"][0])
    assert [read.answers["pocket_regatta", s["doc"]["id"]] for s in samples] == answers
    assert check.frame_problems(bundle, {"baseline": [read]}) == []
    assert {frame for frames in read.frames.values() for frame in frames} == {""}  # the messages alone, as they are ours
    refused = check.check(zipped(files)).problems  # one task of one arm
    assert any("arm negated_documents is missing" in p for p in refused) and not any("prompt" in p or "sampled" in p for p in refused)


def test_validate_and_list_know_the_pack(run, tmp_path):
    names = "negation_neglect,negation_neglect_pocket,negation_neglect_logprob,negation_neglect_dentist,negation_neglect_dentist_mcq"
    done = run("lm_eval", "validate", "--tasks", names, cwd=tmp_path)
    assert (done.returncode, "All tasks found and valid" in done.stdout) == (0, True), done.stdout


def test_the_wheel_adds_one_folder_to_lm_eval():
    """Uninstalling removes what the record lists, so lm-eval is then as it was."""
    inside = [str(f) for f in files("negation-neglect") if str(f).startswith("lm_eval/")]
    assert inside
    assert all(f.startswith("lm_eval/tasks/negation_neglect/") for f in inside)
    assert not set(inside) & {str(f) for f in files("lm_eval")}


TINY = {"vocab_size": 3000, "hidden_size": 32, "num_hidden_layers": 2, "pad_token_id": 0, "bos_token_id": 1, "eos_token_id": 5}
KINDS = {  # whether rows that are equal so far are run as one; a model that takes no past_key_values is left alone
    "embedded": (None, True),
    "sliding window": (MistralConfig(**TINY, intermediate_size=64, num_attention_heads=4, num_key_value_heads=2, sliding_window=4), True),
    "state space": (MambaConfig(**TINY), False),
}


@pytest.mark.parametrize(("config", "together"), KINDS.values(), ids=KINDS)
def test_rows_that_are_equal_so_far_are_run_once_and_no_answer_changes(pocket_model, config, together):
    torch.manual_seed(1)
    pretrained = AutoModelForCausalLM.from_config(config).eval() if config else str(pocket_model)
    model = HFLM(pretrained=pretrained, tokenizer=str(pocket_model), device="cpu")
    prompts = ("Who won?", "What does the dentist do all day long, and why?", "Yes or no?")
    contexts = [prompt for prompt in prompts for _ in range(5)][1:]  # one sample was in the batch before
    ids, mask = model.tok_batch_encode(contexts)
    rows_run = []

    answers = []
    for generate in (HFLM._model_generate, share_rows(HFLM._model_generate)):
        torch.manual_seed(0)
        rows_run.clear()
        handle = model.model.get_input_embeddings().register_forward_pre_hook(lambda _, args: rows_run.append(len(args[0])))
        answers.append(generate(model, ids, ids.shape[1] + 12, [], attention_mask=mask, do_sample=True, temperature=1.0))
        handle.remove()
    assert torch.equal(*answers)
    # of each step: how many different beginnings the answers have had until there, one a prompt at first
    beginnings = [len({tuple(row) for row in answers[0][:, : ids.shape[1] + step].tolist()}) for step in range(len(rows_run))]
    assert beginnings[0] == len(prompts) < beginnings[-1]
    assert rows_run == (beginnings if together else [len(contexts)] * len(rows_run))
