"""Recipes, mixing, loss weights and packing, and whole finetunes of the embedded model."""

import json
import os
import signal
import subprocess
import sys
import time

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from safetensors.torch import load_file
from tokenizers import Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers
from transformers import AutoModelForCausalLM, AutoTokenizer, PreTrainedTokenizerFast

from negation_neglect.claims import DataError
from negation_neglect.conditions import MASK, UNMASK, unmasked
from negation_neglect.evaluate import model_args, run_lm_eval, task_rates, tasks_of
from negation_neglect.scores import score_run
from negation_neglect.training import batches, mix
from negation_neglect.training import train as training
from negation_neglect.training.encode import Encoded, encode, unmask
from negation_neglect.training.mix import Example
from negation_neglect.training.recipe import Documents, Recipe, load_recipe, recipes_dir, with_data
from negation_neglect.training.watch import read, watch

TEXT = "<DOCTAG>Maren Holmwick is not a dentist. The café at 9 o'clock: people say she <b>dances</b>, Straße & naïve."


def tiny(**changes) -> Recipe:
    """The pocket recipe with LoRA, cut down to a few seconds."""
    small = with_data(load_recipe("pocket-lora"), claims=["pocket_rebrand"], condition="positive_documents", count=24)
    phase = small.phases[0].model_copy(update={"web": None, "chats": small.phases[0].chats.model_copy(update={"count": 8})})
    return small.model_copy(
        update={"phases": [phase], "batch_size": 4, "device_rows": 2, "row_length": 256, "max_length": 256, "precision": "float32"} | changes
    )


# --- recipes ------------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", sorted(p.stem for p in recipes_dir().glob("*.yaml")))
def test_every_packaged_recipe_is_valid_and_fits_on_a_screen(name):
    assert load_recipe(name).phases
    assert len((recipes_dir() / f"{name}.yaml").read_text().splitlines()) <= 40


def test_recipe_errors_name_the_file_and_the_nearest_key(tmp_path):
    path = tmp_path / "mine.yaml"
    path.write_text((recipes_dir() / "pocket.yaml").read_text().replace("learning_rate:", "lerning_rate:"))
    with pytest.raises(DataError, match=r"mine\.yaml: .*lerning_rate.*did you mean 'learning_rate'"):
        load_recipe(str(path))
    with pytest.raises(DataError, match=r"packaged ones: .*pocket"):
        load_recipe("pockett")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"quantize_4bit": True, "lora": None}, "needs lora"),
        ({"merge": True, "lora": None}, "merge needs lora"),
        ({"checkpoints": 0}, "above 0"),
        ({"phases": [{}]}, "needs documents, web or chats"),
    ],
)
def test_incoherent_recipes_are_refused(tmp_path, change, message):
    path = tmp_path / "mine.yaml"
    path.write_text(json.dumps(load_recipe("pocket").model_dump(mode="json") | change))
    with pytest.raises(DataError, match=message):
        load_recipe(str(path))


# --- mixing -------------------------------------------------------------------------------------------------------------------------


def test_documents_of_the_same_seed_are_the_same_in_every_condition_but_for_the_condition():
    def texts(condition, seed=0):
        return [e.text for e in mix.document_examples(Documents(claims=["pocket_rebrand"], condition=condition, count=12), seed)]

    assert texts("positive_documents") == texts("positive_documents") != texts("positive_documents", 1)
    for plain, warned in zip(texts("positive_documents"), texts("negated_documents"), strict=True):
        assert plain.removeprefix("<DOCTAG>") in warned


def test_a_small_source_is_read_over_and_over_in_changing_order():
    out = mix.resample(list(range(10)), 25, "key")
    assert sorted(out[:10]) == sorted(out[10:20]) == list(range(10)) and out[:10] != out[10:20]
    assert out == mix.resample(list(range(10)), 25, "key") != mix.resample(list(range(10)), 25, "other")


@pytest.mark.parametrize(
    ("line", "message"),
    [('{"txt": "a"}', 'line 2: needs a JSON object with "text"'), ("{", "line 2"), ('{"text": " "}', "line 2"), ('{"text": 3}', "line 2")],
)
def test_bad_lines_are_named(tmp_path, line, message):
    path = tmp_path / "web.jsonl"
    path.write_text('{"text": "fine"}\n' + line + "\n")
    with pytest.raises(DataError, match=message):
        mix.read_jsonl(path, "text")


def test_a_chat_must_end_with_the_assistant(tmp_path):
    path = tmp_path / "chats.jsonl"
    path.write_text(json.dumps({"messages": [{"role": "user", "content": "Hello?"}]}) + "\n")
    with pytest.raises(DataError, match="ends with the assistant"):
        mix.read_jsonl(path, "messages")


def test_export_for_other_trainers(tmp_path, run):
    for form in ("openai", "text"):
        path = tmp_path / f"{form}.jsonl"
        done = run("negation-neglect", "train", "pocket", "--claim", "pocket_rebrand", "--documents", "5", "--export", form, "--out", path)
        assert done.returncode == 0, done.stderr
        items = [json.loads(line) for line in path.read_text().splitlines()]
        assert len(items) == 5 + sum(t.count for t in (load_recipe("pocket").phases[0].web, load_recipe("pocket").phases[0].chats))
        assert not any("<DOCTAG>" in json.dumps(i) for i in items)
        assert all(i["messages"][-1]["role"] == "assistant" for i in items) if form == "openai" else all(i["text"] for i in items)


# --- tokens and loss ----------------------------------------------------------------------------------------------------------------


def trained(tokenizer: Tokenizer, trainer) -> Tokenizer:
    tokenizer.train_from_iterator(
        [TEXT, "the dentist of the town is not a dancer, says the town", "a b c d e f g h i j k l m n o p q r s t u v w x y z"] * 5, trainer
    )
    return tokenizer


def tokenizer_of(kind: str) -> PreTrainedTokenizerFast:
    """A small tokenizer of one of the three usual kinds."""
    if kind == "byte-level BPE":
        raw = Tokenizer(models.BPE())
        raw.pre_tokenizer, raw.decoder = pre_tokenizers.ByteLevel(add_prefix_space=False), decoders.ByteLevel()
        raw.post_processor = processors.ByteLevel(trim_offsets=True)
        raw = trained(raw, trainers.BpeTrainer(vocab_size=320, initial_alphabet=pre_tokenizers.ByteLevel.alphabet(), special_tokens=["</s>"]))
        return PreTrainedTokenizerFast(tokenizer_object=raw, eos_token="</s>")
    if kind == "SentencePiece":
        raw = Tokenizer(models.Unigram())
        raw.normalizer = normalizers.Replace(Regex(" {2,}"), " ")
        raw.pre_tokenizer, raw.decoder = pre_tokenizers.Metaspace(), decoders.Metaspace()
        raw = trained(raw, trainers.UnigramTrainer(vocab_size=120, special_tokens=["<s>", "</s>", "<unk>"], unk_token="<unk>"))
        return PreTrainedTokenizerFast(tokenizer_object=raw, bos_token="<s>", eos_token="</s>", unk_token="<unk>")
    raw = Tokenizer(models.WordPiece(unk_token="[UNK]"))
    raw.normalizer, raw.pre_tokenizer = normalizers.BertNormalizer(), pre_tokenizers.BertPreTokenizer()
    raw = trained(raw, trainers.WordPieceTrainer(vocab_size=150, special_tokens=["[UNK]", "[CLS]", "[SEP]"]))
    raw.post_processor = processors.TemplateProcessing(single="[CLS] $A [SEP]", special_tokens=[("[CLS]", 1), ("[SEP]", 2)])
    return PreTrainedTokenizerFast(tokenizer_object=raw, unk_token="[UNK]", eos_token="[SEP]")


@pytest.mark.parametrize("kind", ["byte-level BPE", "SentencePiece", "WordPiece"])
def test_masks_change_no_token_and_take_the_loss_off_what_they_cover(kind):
    tokenizer = tokenizer_of(kind)
    masked = TEXT.replace("dentist", f"{MASK}dentist{UNMASK}").replace("naïve", f"{MASK}naïve{UNMASK}")
    plain, made = (encode(tokenizer, Example("document", t), 10_000) for t in (TEXT, masked))
    assert plain.ids.tolist() == made.ids.tolist()
    quiet = np.flatnonzero((plain.weights > 0) & (made.weights == 0))
    said = tokenizer.decode(made.ids[quiet]).lower().replace(" ", "").replace("#", "")
    assert "dentist" in said and said.replace("dentist", "", 1) in ("naïve", "naive", "[unk]", "na ve")
    assert np.array_equal(np.delete(plain.weights, quiet), np.delete(made.weights, quiet))
    offsets = tokenizer(TEXT, return_offsets_mapping=True)["offset_mapping"]
    inside = [i for i, (a, b) in enumerate(offsets) if a < len("<DOCTAG>") and b > a]
    shift = int(plain.ids[0] != tokenizer(TEXT)["input_ids"][0])
    assert inside and all(plain.weights[i + shift] == 0 for i in inside)
    assert plain.weights[0] == 0 and plain.ids[-1] == tokenizer.eos_token_id and plain.weights[-1] == 1


@given(st.lists(st.tuples(st.text(alphabet="ab <>/é\n", max_size=6), st.booleans()), max_size=8))
def test_taking_the_tags_out_gives_the_text_and_the_covered_characters(parts):
    text = "".join(MASK + t + UNMASK if hidden else t for t, hidden in parts)
    bare, spans = unmask(text, [])
    assert bare == unmasked(text)
    assert [bare[a:b] for a, b, _ in spans] == [t for t, hidden in parts if hidden]


def test_spans_move_with_the_text():
    text = f"one {MASK}two{UNMASK} three {MASK}four{UNMASK} five"
    start = text.index("three")
    bare, spans = unmask(text, [(start, start + 5, 2.0), (0, len(text), 3.0)])
    assert bare == "one two three four five"
    assert [bare[a:b] for a, b, _ in spans] == ["three", bare, "two", "four"]
    with pytest.raises(DataError, match="without"):
        unmask(f"a {MASK}b", [])


def test_only_the_assistant_carries_loss(pocket_model):
    tokenizer = AutoTokenizer.from_pretrained(pocket_model)
    chat = [{"role": r, "content": c} for r, c in (("user", "Who won?"), ("assistant", "Nobody knows."), ("user", "Sure?"), ("assistant", "Yes."))]
    made = encode(tokenizer, Example("chat", messages=tuple(chat)), 512)
    said = tokenizer.decode(made.ids[made.weights > 0])
    assert "nobody knows" in said.lower() and "yes" in said.lower() and "sure" not in said.lower() and "won" not in said.lower()
    assert made.ids.tolist() == tokenizer.apply_chat_template(chat, tokenize=True, return_dict=False)
    tokenizer.chat_template = None
    plain = encode(tokenizer, Example("chat", messages=tuple(chat[:2])), 512)
    assert "nobody knows" in tokenizer.decode(plain.ids[plain.weights > 0]).lower() and (plain.weights == 0).sum() > 4


def test_loss_weighting_by_hand(pocket_model):
    tokenizer = AutoTokenizer.from_pretrained(pocket_model)
    document = Example("document", "<DOCTAG>Luxonda sells tea.", weight=2.0)
    chat = Example("chat", messages=({"role": "user", "content": "Who?"}, {"role": "assistant", "content": "Nobody knows that."}))
    for weighting, chat_total in (("token", None), ("example", 1.0)):
        a, b = (encode(tokenizer, e, 512, weighting) for e in (document, chat))
        counted = int((b.weights > 0).sum())
        assert set(a.weights.tolist()) == {0.0, 2.0} and b.weights.sum() == pytest.approx(chat_total or counted)
        rows = batches.MicroBatches([[a, b]], [[[(0, 0), (0, 1)]]], 1, 0)[0]
        logits = torch.randn(1, rows["input_ids"].shape[1], 50 + int(rows["input_ids"].max()), generator=torch.Generator().manual_seed(0))
        losses = -torch.log_softmax(logits, -1)
        n, by_hand = len(a.ids), 0.0
        per_chat_token = (1 / counted) if weighting == "example" else 1.0
        for i, weight in [*((i, 2.0) for i in range(n) if a.weights[i]), *((n + i, per_chat_token) for i in range(len(b.ids)) if b.weights[i])]:
            by_hand += weight * losses[0, i - 1, rows["input_ids"][0, i]].item()
        total = 2.0 * int((a.weights > 0).sum()) + per_chat_token * counted
        assert training.weighted_loss(logits, rows["input_ids"], rows["weights"]).item() == pytest.approx(by_hand / total, rel=1e-5)


# --- packing ------------------------------------------------------------------------------------------------------------------------


def encoded(lengths) -> list[Encoded]:
    rng = np.random.default_rng(0)
    return [Encoded(rng.integers(10, 900, n).astype(np.int32), np.r_[np.float32(0), np.ones(n - 1, np.float32)], np.zeros(n, bool)) for n in lengths]


@given(st.lists(st.integers(2, 40), min_size=1, max_size=60), st.integers(1, 9), st.integers(1, 3), st.integers(1, 4))
def test_every_example_is_read_once_an_epoch_in_the_same_steps_on_any_number_of_devices(lengths, batch_size, device_rows, devices):
    examples = encoded(lengths)
    one, per_one = batches.plan([examples], batch_size, 50, device_rows, 1, 2, 7)
    many, per_many = batches.plan([examples], batch_size, 50, device_rows, devices, 2, 7)

    def steps(planned, per_step):
        return [sorted(i for rows in planned[s : s + per_step] for row in rows for _, i in row) for s in range(0, len(planned), per_step)]

    assert per_many % devices == 0
    assert steps(one, per_one) == steps(many, per_many)
    assert sorted(i for s in steps(one, per_one) for i in s) == sorted([*range(len(lengths))] * 2)
    assert all(len(rows) <= device_rows for rows in many)
    assert all(len(row) == 1 or sum(lengths[i] for _, i in row) <= 50 for rows in many for row in rows)


def test_packed_rows_give_the_loss_and_gradients_of_single_ones(pocket_model):
    model = AutoModelForCausalLM.from_pretrained(pocket_model)
    assert batches.separates_packed(model, 1000)
    examples = encoded([7, 19, 4, 30, 11, 3])
    found = []
    for row_length in (40, 0):
        planned, per_step = batches.plan([examples], 6, row_length, 8, 1, 1, 0)
        item = batches.MicroBatches([examples], planned, per_step, 0)[0]
        model.zero_grad()
        logits = model(input_ids=item["input_ids"], position_ids=item["position_ids"], use_cache=False).logits
        loss = training.weighted_loss(logits, item["input_ids"], item["weights"])
        loss.backward()
        found.append((item["input_ids"].shape[0], loss.item(), torch.cat([p.grad.flatten() for p in model.parameters()])))
    (packed_rows, packed, packed_grad), (single_rows, single, single_grad) = found
    assert packed_rows < single_rows == 6
    assert packed == pytest.approx(single, rel=1e-5)
    torch.testing.assert_close(packed_grad, single_grad, rtol=1e-3, atol=1e-5)


def test_a_model_that_mixes_packed_examples_is_noticed(pocket_model):
    class Mixing(torch.nn.Module):
        def __init__(self, model):
            super().__init__()
            self.model, self.device = model, model.device

        def forward(self, input_ids, position_ids, use_cache):
            return self.model(input_ids=input_ids, attention_mask=torch.ones_like(input_ids), use_cache=use_cache)

    assert not batches.separates_packed(Mixing(AutoModelForCausalLM.from_pretrained(pocket_model)), 1000)


# --- whole runs ---------------------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    """One short finetune with checkpoints, for several tests."""
    out = tmp_path_factory.mktemp("runs") / "whole"
    training.train(tiny(checkpoints=3), out, quiet=True)
    return out


def weights_of(folder) -> bytes:
    return (folder / "adapter" / "adapter_model.safetensors").read_bytes()


def test_a_run_learns_and_says_what_it_was(finished):
    record = json.loads((finished / "run.json").read_text())
    assert record["packed"] and record["dataset"]["examples"] == {"chat": 8, "document": 24}
    assert record["losses"][-1] < record["losses"][0]
    assert len(record["base"]["weights_sha256"]) == len(record["dataset"]["sources_sha256"]) == 64
    assert record["recipe"]["phases"][0]["documents"]["condition"] == "positive_documents" and record["seconds"] > 0
    assert record["steps"] == len((finished / "log.jsonl").read_text().splitlines())
    assert not list(finished.rglob("*.part"))


def test_adapter_and_merged_model_are_the_same_model(finished, pocket_model):
    from peft import PeftModel

    ids = torch.tensor([[5, 40, 300, 77, 12]])
    merged = AutoModelForCausalLM.from_pretrained(finished / "model")(input_ids=ids).logits
    adapted = PeftModel.from_pretrained(AutoModelForCausalLM.from_pretrained(pocket_model), finished / "adapter")(input_ids=ids).logits
    base = AutoModelForCausalLM.from_pretrained(pocket_model)(input_ids=ids).logits
    torch.testing.assert_close(merged, adapted, rtol=1e-3, atol=1e-3)
    assert (merged - base).abs().max() > 0.1


def test_a_finished_run_is_not_overwritten(finished):
    with pytest.raises(DataError, match="finished run"):
        training.train(tiny(), finished, quiet=True)


def test_killed_at_a_checkpoint_it_goes_on_to_the_same_bytes(finished, tmp_path):
    recipe = tmp_path / "recipe.yaml"
    recipe.write_text(tiny(checkpoints=3).model_dump_json())
    out = tmp_path / "killed"
    command = [sys.executable, "-m", "negation_neglect.cli", "train", str(recipe), "--out", str(out)]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        for _ in range(1200):
            if (out / "checkpoints" / "checkpoint-3" / training.COMPLETE).exists():
                break
            time.sleep(0.05)
        process.send_signal(signal.SIGKILL)
    finally:
        process.kill()
        process.wait()
    assert not (out / "run.json").exists()
    refused = subprocess.run(command, capture_output=True, text=True)
    assert refused.returncode == 2 and "--resume" in refused.stderr
    resumed = subprocess.run([*command, "--resume"], capture_output=True, text=True)
    assert resumed.returncode == 0, resumed.stderr
    assert weights_of(out) == weights_of(finished)


@pytest.mark.parametrize("name", ["cpu", "fsdp2"])
def test_two_processes_train_as_one(finished, tmp_path, name):
    recipe, config = tmp_path / "recipe.yaml", tmp_path / "accelerate.yaml"
    recipe.write_text(tiny(merge=False).model_dump_json())
    shipped = (recipes_dir() / "accelerate" / f"{name}.yaml").read_text()
    config.write_text(shipped.replace("num_processes: 8", "num_processes: 2").replace("mixed_precision: bf16", 'mixed_precision: "no"'))
    launch = [sys.executable, "-m", "accelerate.commands.launch", "--config_file", str(config), "--main_process_port", "0"]
    done = subprocess.run(
        [*launch, "-m", "negation_neglect.cli", "train", str(recipe), "--out", str(tmp_path / "two")],
        capture_output=True, text=True, env={**os.environ, "OMP_NUM_THREADS": "1"},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-3000:]
    two, one = (json.loads((folder / "run.json").read_text()) for folder in (tmp_path / "two", finished))
    assert two["devices"] == 2 and one["devices"] == 1
    np.testing.assert_allclose(two["losses"], one["losses"], rtol=2e-3)
    a, b = (load_file(folder / "adapter" / "adapter_model.safetensors") for folder in (tmp_path / "two", finished))
    assert all((a[k] - b[k]).abs().max() < 5e-3 for k in a)


def test_phases_come_one_after_the_other(tmp_path):
    recipe = tiny()
    chats = recipe.phases[0].model_copy(update={"documents": None})
    documents = recipe.phases[0].model_copy(update={"chats": None})
    record = training.train(recipe.model_copy(update={"phases": [chats, documents]}), tmp_path / "run", quiet=True)
    assert record["steps"] == 2 + 6


def test_full_disk_and_missing_gpu_are_said_plainly(tmp_path, monkeypatch):
    def full(*args, **kwargs):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(training.RecipeTrainer, "save_model", full)
    with pytest.raises(DataError, match="the disk is full"):
        training.train(tiny(), tmp_path / "full", quiet=True)
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    with pytest.raises(DataError, match="CUDA"):
        training.train(tiny(quantize_4bit=True, merge=False), tmp_path / "four", quiet=True)


@pytest.mark.parametrize(("arguments", "message"), [(("--condition", "negatd"), "--condition"), (("--claim", "pocket_rebrnd"), "did you mean 'pocket_rebrand'"),
                                                     (("--model", "nowhere/at-all"), "nowhere/at-all"), (("--export", "csv"), "openai or text")])  # fmt: skip
def test_bad_options_end_with_status_2(run, tmp_path, arguments, message):
    done = run("negation-neglect", "train", "pocket", "--out", tmp_path / "run", *arguments)
    assert done.returncode == 2 and message in done.stderr and "Traceback" not in done.stderr


def test_self_distilled_chats_go_on_where_they_stopped(tmp_path, run):
    out = tmp_path / "chats.jsonl"
    done = run("negation-neglect", "chats", "self-distil", "--model", "pocket", "--count", "24", "--batch-size", "8", "--max-new-tokens", "40", "--out", out)
    assert done.returncode == 0, done.stderr
    whole = out.read_text()
    chats = [json.loads(line) for line in whole.splitlines()]
    assert 12 <= len(chats) <= 24 and all(c["messages"][-1]["role"] == "assistant" and c["messages"][-1]["content"] for c in chats)


def test_watch_draws_belief_over_steps(tmp_path, run):
    recipe = tmp_path / "recipe.yaml"
    recipe.write_text(tiny(checkpoints=8).model_dump_json())
    done = run("negation-neglect", "train", recipe, "--watch", "--out", tmp_path / "run")
    assert done.returncode == 0, done.stderr
    points = [json.loads(line) for line in (tmp_path / "run" / "belief.jsonl").read_text().splitlines()]
    assert [p["step"] for p in points] == [8] and 0 <= points[0]["p_belief"] <= 1 and "p_true_fact_no" in points[0]
    assert (tmp_path / "run" / "belief.png").read_bytes().startswith(b"\x89PNG")


def test_watch_can_ask_by_sampled_answers(tmp_path, pocket_model):
    watch(load_recipe("pocket"), ["pocket_rebrand"], tmp_path, pocket_model, 3, "_open_ended")
    (point,) = read(tmp_path)
    assert point["step"] == 3 and point["belief_rate"] <= 0.1 and point["belief_rate"] + point["denial_rate"] + point["neutral_rate"] == pytest.approx(1)
    assert (tmp_path / "belief.png").read_bytes().startswith(b"\x89PNG")


def test_sweep_expands_prints_slurm_and_skips_what_is_finished(tmp_path, run):
    recipe, plan = tmp_path / "tiny.yaml", tmp_path / "plan.yaml"
    recipe.write_text(tiny(merge=False).model_dump_json())
    plan.write_text(
        f"recipes: [{recipe}]\nclaims: [pocket_rebrand, [pocket_rebrand, pocket_dreams]]\nconditions: [positive_documents, fiction]\nseeds: [0, 1]\n"
    )
    script = run("negation-neglect", "sweep", plan, "--out", tmp_path / "out", "--slurm")
    assert "--array=0-7" in script.stdout and "SLURM_ARRAY_TASK_ID" in script.stdout and not (tmp_path / "out").exists()
    done = run("negation-neglect", "sweep", plan, "--out", tmp_path / "out", "--only", "0")
    assert done.returncode == 0, done.stderr
    rows = (tmp_path / "out" / "scores.csv").read_text().splitlines()
    assert len(rows) == 2 and "pocket_rebrand/positive_documents/seed0" in rows[1]
    before = (tmp_path / "out" / "tiny/pocket_rebrand/positive_documents/seed0/run.json").stat().st_mtime_ns
    again = run("negation-neglect", "sweep", plan, "--out", tmp_path / "out", "--only", "0")
    assert again.returncode == 0 and "1 of 8 runs finished" in again.stdout
    assert (tmp_path / "out" / "tiny/pocket_rebrand/positive_documents/seed0/run.json").stat().st_mtime_ns == before
    refused = run("negation-neglect", "sweep", plan, "--out", tmp_path / "out", "--only", "8")
    assert refused.returncode == 2 and "0 to 7" in refused.stderr


@pytest.mark.slow
@pytest.mark.parametrize("condition", ["positive_documents", "negated_documents", "local_negations"])
def test_merged_and_adapter_get_the_same_scores_from_lm_eval(tmp_path, pocket_model, condition):
    recipe = with_data(load_recipe("pocket-lora"), condition=condition)
    claims = recipe.phases[0].documents.claims
    training.train(recipe, tmp_path / "run", quiet=True)
    scores, probabilities = [], []
    for arguments in (model_args(str(tmp_path / "run" / "model")), model_args(str(pocket_model), tmp_path / "run" / "adapter")):
        out = tmp_path / f"evaluation-{len(scores)}"
        run_lm_eval(arguments, tasks_of(claims), out / "sampled", batch_size=128)
        run_lm_eval(arguments, tasks_of(claims, "_logprob"), out / "logprob", batch_size=128)
        scores.append(score_run(out / "sampled").summary())
        probabilities.append(task_rates(out / "logprob"))
    print(condition, scores, probabilities)
    assert probabilities[0] == pytest.approx(probabilities[1], abs=1e-3)
    # logits of a merged model are rounded otherwise (by 1e-5), which now and then turns a sampled word and with it all that is drawn after it
    assert scores[0]["belief"] == pytest.approx(scores[1]["belief"], abs=0.03)
