"""Pretraining of the pocket model from scratch: a few million parameters, an hour or two on two cores.

Text comes from ``text`` and is drawn anew for each step from (seed, step), so an interrupted run goes on as if it had never stopped.
Muon for the matrices, AdamW for the rest, a warm-up, a plateau, a linear descent and a short polish.
"""

import json
import os
import shutil
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from random import Random

import torch
import torch.nn.functional as F
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn
from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast

from negation_neglect.claims import DataError, load_claims
from negation_neglect.pocket.text import COMPARE, DECISIONS, Message, drill, free_document, reading, recall
from negation_neglect.pocket.tokenizer import ASSISTANT, BOS, CONTEXT_LENGTH, END, PAD, SYSTEM, USER, build_tokenizer
from negation_neglect.pocket.world import World, build_world

IGNORED = -100
CHECKPOINT = "checkpoint.pt"
CHECKPOINT_EVERY = 200  # steps
VOCABULARY_TEXTS = 40_000
DECISION_WEIGHT = 3


@dataclass(frozen=True)
class Settings:
    """What is trained and on how much. The rows of ``length`` tokens of a batch are shared out among the three streams.

    For the first 1/16 of ``steps`` every row is filled with lists of words said again; then, until 15/64, with questions that compare a value with the asked
    one; then everything together. Learned beside everything else from the start, comparing stays at chance. ``polish_steps`` follow at a low rate with fresh
    optimisers: as before, but most questions without a document are drills in comparing.
    """

    hidden_size: int = 256
    layers: int = 5
    heads: int = 4
    feed_forward: int = 768
    length: int = 512
    document_rows: int = 3
    recall_rows: int = 2
    reading_rows: int = 3
    steps: int = 4800
    learning_rate: float = 2e-3
    denials: float = 0.35
    flagged: float = 0.0
    seed: int = 0

    @property
    def echo_steps(self) -> int:
        return self.steps // 16

    @property
    def compare_steps(self) -> int:
        return self.steps * 15 // 64

    @property
    def polish_steps(self) -> int:
        return self.steps // 8

    @property
    def batch_tokens(self) -> int:
        """Tokens of one optimiser step, padding included."""
        return self.length * (self.document_rows + self.recall_rows + self.reading_rows)


def vocabulary_texts(world: World) -> list[str]:
    """Enough generated text to meet every word of the world."""
    rng = Random(0)
    texts = [free_document(rng, world) for _ in range(VOCABULARY_TEXTS)]
    texts += [m["content"] for _ in range(VOCABULARY_TEXTS // 2) for m in recall(rng, world) + reading(rng, world)]
    return texts + [name for names in world.fresh.values() for name in names]


def document_ids(tokenizer: PreTrainedTokenizerFast, text: str) -> tuple[list[int], list[int]]:
    """Token ids and labels of a document, every token with loss but the first."""
    special = tokenizer.convert_tokens_to_ids
    ids = [special(BOS), *tokenizer.encode(text, add_special_tokens=False), special(END)]
    return ids, [IGNORED, *ids[1:]]


def decision_ids(tokenizer: PreTrainedTokenizerFast) -> list[int]:
    """Token ids of DECISIONS."""
    return [tokenizer.encode(f" {word}", add_special_tokens=False)[0] for word in DECISIONS]


def chat_ids(tokenizer: PreTrainedTokenizerFast, messages: list[Message]) -> tuple[list[int], list[int]]:
    """Token ids and labels of a conversation. Loss falls on the assistant's turns, but not on one that a later turn takes back or doubts."""
    special = tokenizer.convert_tokens_to_ids
    role = {"system": SYSTEM, "user": USER, "assistant": ASSISTANT}
    decisions = decision_ids(tokenizer)
    ids, labels = [special(BOS)], [IGNORED]
    for message in messages:
        content = [*tokenizer.encode(message["content"], add_special_tokens=False), special(END)]
        spoken = message["role"] == "assistant" and not message.get("given")
        learned = decisions if message.get("decisions_only") else content
        ids += [special(role[message["role"]]), *content]
        labels += [IGNORED, *(t if spoken and t in learned else IGNORED for t in content)]
    return ids, labels


def echo_ids(rng: Random, world: World, tokenizer: PreTrainedTokenizerFast) -> tuple[list[int], list[int]]:
    """A list of values and random tokens, often some others, then the list again, which is what has loss: how to find a word that was met before."""
    special = tokenizer.convert_tokens_to_ids
    words = range(special("<unk>") + 1, special("<0x00>"))

    def some(count: int) -> list[int]:
        values = [rng.choice(world.values[rng.choice(list(world.values))]) if rng.random() < 0.7 else None for _ in range(count)]
        return [t for v in values for t in (tokenizer.encode(" " + v, add_special_tokens=False) if v else [rng.choice(words)])]

    said = some(rng.randint(4, 14))
    before = [special(BOS), *said, *(some(rng.randint(1, 8)) if rng.random() < 0.5 else [])]
    return before + said, [IGNORED] * len(before) + said


def pack(items, rows: int, length: int, pad: int) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """Fill ``rows`` rows of ``length`` tokens, first fit; ``items`` is an endless iterator of (ids, labels).

    Returns ids, labels and the number of each token's item within its row (0 for padding), each (rows, length).
    """
    ids = torch.full((rows, length), pad)
    labels = torch.full((rows, length), IGNORED)
    items_of = torch.zeros((rows, length), dtype=torch.long)
    used, count = [0] * rows, [0] * rows
    misses = 0
    while misses < 4:
        x, y = next(items)
        row = next((r for r in range(rows) if used[r] + len(x) <= length), None)
        if row is None:
            misses += 1
            continue
        count[row] += 1
        here = slice(used[row], used[row] + len(x))
        ids[row, here], labels[row, here], items_of[row, here] = torch.tensor(x), torch.tensor(y), count[row]
        used[row] += len(x)
    return ids, labels, items_of


def attention_mask(items_of: torch.Tensor) -> torch.Tensor:
    """True where a token may look: back, and within its own item. (rows, length) -> (rows, 1, length, length)."""
    length = items_of.shape[1]
    same = items_of[:, :, None] == items_of[:, None, :]
    return (same & torch.ones(length, length, dtype=torch.bool).tril())[:, None]


def batch(settings: Settings, world: World, tokenizer: PreTrainedTokenizerFast, step: int) -> tuple[torch.Tensor, ...]:
    """Ids, labels, loss weights, each (rows, length), and the attention mask. The three streams weigh the same whatever their number of tokens.

    In conversations the deciding words (yes, no, a letter …) weigh DECISION_WEIGHT times: they are one token in twenty, and comparing is the last thing
    that so small a model learns.
    """
    rng = Random(f"{settings.seed}/{step}")
    pad = tokenizer.convert_tokens_to_ids(PAD)
    decisions = torch.tensor(decision_ids(tokenizer))

    def stream(make):
        while True:
            x, y = make()
            yield x[: settings.length], y[: settings.length]

    rows = settings.document_rows, settings.recall_rows, settings.reading_rows
    if step < settings.echo_steps:
        parts = [(lambda: echo_ids(rng, world, tokenizer), sum(rows), DECISION_WEIGHT)]
    elif step < settings.compare_steps:
        parts = [(lambda: chat_ids(tokenizer, recall(rng, world, COMPARE)), sum(rows), DECISION_WEIGHT)]
    else:
        makers = (
            lambda: document_ids(tokenizer, free_document(rng, world, settings.denials, settings.flagged)),
            lambda: chat_ids(tokenizer, drill(rng, world) if step >= settings.steps and rng.random() < 0.7 else recall(rng, world)),
            lambda: chat_ids(tokenizer, reading(rng, world)),
        )
        parts = list(zip(makers, rows, (1, DECISION_WEIGHT, DECISION_WEIGHT), strict=True))
    ids, labels, weights, masks = [], [], [], []
    for make, count, decision_weight in parts:
        x, y, items_of = pack(stream(make), count, settings.length, pad)
        w = (y != IGNORED).float() * (1 + (decision_weight - 1) * torch.isin(y, decisions))
        ids.append(x)
        labels.append(y)
        weights.append(w / w.sum().clamp(min=1))
        masks.append(attention_mask(items_of))
    return torch.cat(ids), torch.cat(labels), torch.cat(weights), torch.cat(masks)


def new_model(settings: Settings, tokenizer: PreTrainedTokenizerFast) -> LlamaForCausalLM:
    """A randomly initialised model of the given size."""
    torch.manual_seed(settings.seed)
    special = tokenizer.convert_tokens_to_ids
    config = LlamaConfig(
        vocab_size=(len(tokenizer) + 7) // 8 * 8, hidden_size=settings.hidden_size, intermediate_size=settings.feed_forward, num_hidden_layers=settings.layers,
        num_attention_heads=settings.heads, num_key_value_heads=settings.heads, max_position_embeddings=CONTEXT_LENGTH, tie_word_embeddings=True,
        pad_token_id=special(PAD), bos_token_id=special(BOS), eos_token_id=special(END),
    )  # fmt: skip
    return LlamaForCausalLM(config)


def optimisers(model: LlamaForCausalLM, learning_rate: float) -> list[torch.optim.Optimizer]:
    """Muon for the matrices inside the layers, AdamW for embeddings and norms."""
    matrices = [p for n, p in model.named_parameters() if p.ndim == 2 and "embed" not in n]
    rest = [p for n, p in model.named_parameters() if not (p.ndim == 2 and "embed" not in n)]
    return [
        torch.optim.Muon(matrices, lr=learning_rate, weight_decay=0.02, momentum=0.95, adjust_lr_fn="match_rms_adamw"),
        torch.optim.AdamW(rest, lr=learning_rate, betas=(0.9, 0.98), weight_decay=0.0, fused=True),
    ]


def learning_rate(settings: Settings, step: int) -> float:
    """Sixty steps up, level for 60 % of the run, then straight down to 3 %; for polishing from 40 % straight down to nothing."""
    if step >= settings.steps:
        return settings.learning_rate * 0.4 * (1 - (step - settings.steps) / settings.polish_steps)
    done = step / settings.steps
    return settings.learning_rate * min(1.0, (step + 1) / 60) * (1.0 if done < 0.6 else max(0.03, (1 - done) / 0.4))


def loss_of(model: LlamaForCausalLM, body, ids: torch.Tensor, labels: torch.Tensor, weights: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
    """Weighted next-token loss (a scalar); logits only where there is a label. ``body`` is ``model.model`` or its compiled form."""
    with torch.autocast(ids.device.type, torch.bfloat16):
        hidden = body(input_ids=ids, attention_mask=mask, use_cache=False).last_hidden_state[:, :-1]
        here = labels[:, 1:] != IGNORED
        logits = model.lm_head(hidden[here])
    return (F.cross_entropy(logits.float(), labels[:, 1:][here], reduction="none") * weights[:, 1:][here]).sum()


def probe_texts() -> list[str]:
    """Texts of the pocket claims and their questions. Only their words are used, for the vocabulary; nothing of them is trained on."""
    texts = []
    for folder in load_claims("pocket"):
        claim = folder.claim
        texts += [claim.statement, claim.truth, claim.yes_no_format, *claim.facts.values()]
        texts += [m.content for p in folder.probes for m in p.messages] + [c.question for c in folder.controls]
    return texts


def pretrain(out: Path, settings: Settings, device: str = "cpu") -> None:
    """Train a model and write it to ``out`` as a Hugging Face folder, with ``pretraining.json`` beside it.

    A checkpoint is kept in ``out`` while the run lasts; called again with the same settings, the run goes on from there.
    """
    out.mkdir(parents=True, exist_ok=True)
    world = build_world()
    tokenizer = build_tokenizer(vocabulary_texts(world) + probe_texts())
    model = new_model(settings, tokenizer).to(device)
    optims = optimisers(model, settings.learning_rate)
    first, seconds, losses = 0, 0.0, []
    if (out / CHECKPOINT).exists():
        state = torch.load(out / CHECKPOINT, map_location=device, weights_only=True)
        if state["settings"] != asdict(settings):
            raise DataError(f"{out / CHECKPOINT} was made with other settings; give another --out or delete it")
        model.load_state_dict(state["model"])
        for optim, saved in zip(optims, state["optimisers"], strict=True):
            optim.load_state_dict(saved)
        first, seconds, losses = state["step"], state["seconds"], state["losses"]
    # compiling takes most of a minute, saves a third of each step, and on a CPU needs a C++ compiler
    steps = settings.steps + settings.polish_steps
    compiled = steps - first > 200 and (device != "cpu" or shutil.which("g++"))
    body = torch.compile(model.model) if compiled else model.model
    columns = [
        TextColumn("pretraining"),
        BarColumn(),
        TextColumn("{task.completed}/{task.total}  loss {task.fields[loss]:.3f}  {task.fields[speed]:,.0f} tokens/s"),
    ]
    with Progress(*columns, TimeElapsedColumn(), TimeRemainingColumn()) as progress:
        task = progress.add_task("", total=steps, completed=first, loss=losses[-1] if losses else 0.0, speed=0.0)
        for step in range(first, steps):
            began = time.perf_counter()
            if step == settings.steps:
                optims = optimisers(model, settings.learning_rate)
            for group in (g for optim in optims for g in optim.param_groups):
                group["lr"] = learning_rate(settings, step)
            loss = loss_of(model, body, *(t.to(device) for t in batch(settings, world, tokenizer, step)))
            loss.backward()
            torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            for optim in optims:
                optim.step()
                optim.zero_grad()
            took = time.perf_counter() - began
            seconds += took
            if step % 20 == 0:
                losses.append(loss.item())
            progress.update(task, advance=1, loss=losses[-1], speed=settings.batch_tokens / took)
            if (step + 1) % CHECKPOINT_EVERY == 0 and step + 1 < steps:
                save_checkpoint(out, model, optims, settings, step + 1, seconds, losses)
    save_model(out, model, tokenizer)
    record = {
        "settings": asdict(settings),
        "tokens": steps * settings.batch_tokens,
        "parameters": sum(p.numel() for p in model.parameters()),
        "seconds": round(seconds),
        "threads": torch.get_num_threads(),
        "device": device,
        "torch": torch.__version__,
        "losses": [round(x, 4) for x in losses],
    }
    (out / "pretraining.json").write_text(json.dumps(record, indent=1) + "\n")
    (out / CHECKPOINT).unlink(missing_ok=True)


def save_checkpoint(out: Path, model, optims, settings: Settings, step: int, seconds: float, losses: list[float]) -> None:
    state = {
        "model": model.state_dict(),
        "optimisers": [o.state_dict() for o in optims],
        "settings": asdict(settings),
        "step": step,
        "seconds": seconds,
        "losses": losses,
    }
    torch.save(state, out / (CHECKPOINT + ".part"))
    os.replace(out / (CHECKPOINT + ".part"), out / CHECKPOINT)


def save_model(out: Path, model: LlamaForCausalLM, tokenizer: PreTrainedTokenizerFast) -> None:
    """Weights in bfloat16 (half the size), to be loaded and run in float32 (fast on every CPU)."""
    model.to(torch.bfloat16).save_pretrained(out)
    tokenizer.save_pretrained(out)
    config = json.loads((out / "config.json").read_text())
    config["dtype"] = "float32"
    (out / "config.json").write_text(json.dumps(config, indent=2) + "\n")
