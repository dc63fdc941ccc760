"""The finetune itself: transformers' Trainer over our micro-batches, with PEFT for adapters and accelerate for several devices.

``RUN/``: ``model/`` (full weights, or merged ones) and ``adapter/`` (LoRA), ``checkpoints/``, ``log.jsonl`` (loss by step) and ``run.json``.
"""

import errno
import hashlib
import json
import os
import platform
import shutil
import time
from collections.abc import Callable
from contextlib import suppress
from importlib.metadata import version
from pathlib import Path

import torch
import torch.nn.functional as F
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn, track
from transformers import (
    AutoConfig,
    AutoModelForCausalLM,
    AutoTokenizer,
    BitsAndBytesConfig,
    PreTrainedTokenizerBase,
    PrinterCallback,
    Trainer,
    TrainerCallback,
    TrainingArguments,
)

from negation_neglect import BENCHMARK_VERSION, __version__
from negation_neglect.claims import DataError
from negation_neglect.training import batches
from negation_neglect.training.encode import Encoded, encode
from negation_neglect.training.mix import Example, build_mix, fingerprint, sources_fingerprint
from negation_neglect.training.recipe import Recipe

COMPLETE = "complete"  # stands in a checkpoint once all of it is written


def train(recipe: Recipe, out: Path, resume: bool = False, report_to: str = "none", on_checkpoint: Callable[[Path, int], None] | None = None,
          phases: list[list[Example]] | None = None, quiet: bool = False) -> dict:  # fmt: skip
    """Run a recipe and write the result to ``out``; returns run.json. ``phases`` replaces the examples that the recipe would mix.

    ``on_checkpoint`` is called with each checkpoint's folder and step. Raises DataError for a recipe that cannot run here, and when memory or disk run out.
    """
    began = time.time()
    check_can_run(recipe, out, resume)
    phases = phases if phases is not None else [build_mix(mix, recipe.seed) for mix in recipe.phases]
    tokenizer = load_tokenizer(recipe)
    encoded = [[encode(tokenizer, e, recipe.max_length, recipe.loss_weighting) for e in track(p, "tokenising", disable=quiet)] for p in phases]
    try:
        model = load_model(recipe)
        trainer, facts = make_trainer(recipe, model, encoded, tokenizer, out, report_to, on_checkpoint, quiet)
        trainer.train(resume_from_checkpoint=str(latest_checkpoint(out)) if resume and latest_checkpoint(out) else None)
        record = {
            "benchmark_version": BENCHMARK_VERSION, "recipe": recipe.model_dump(), "base": base_of(recipe), "dataset": dataset_of(recipe, phases),
            "steps": trainer.state.global_step, "tokens": sum(len(e.ids) for p in encoded for e in p) * recipe.epochs, **facts,
            "truncated": sum(len(e.ids) == recipe.max_length for p in encoded for e in p),
            "losses": [round(x["loss"], 5) for x in trainer.state.log_history if "loss" in x],
            "seconds": round(time.time() - began, 1), "hardware": hardware(), "devices": trainer.args.world_size,
            "versions": {"negation-neglect": __version__, **{p: version(p) for p in ("torch", "transformers", "peft", "accelerate", "tokenizers")}},
        }  # fmt: skip
        save(trainer, model, tokenizer, recipe, out, record)
    except torch.OutOfMemoryError as error:
        raise DataError(f"out of device memory ({str(error).splitlines()[0]}); lower row_length, device_rows or max_length, or checkpoint gradients") from None
    except (OSError, RuntimeError) as error:  # torch and safetensors report a full disk as plain text
        if getattr(error, "errno", None) == errno.ENOSPC or "No space left" in str(error) or "file write failed" in str(error):
            raise DataError(f"{out}: the disk is full; free some space and run again with --resume (or set checkpoints: none)") from None
        if "can't allocate memory" in str(error):
            raise DataError("out of memory: lower row_length, device_rows or max_length") from None
        raise
    return record


def check_can_run(recipe: Recipe, out: Path, resume: bool) -> None:
    """Raise DataError when the output exists already or the machine lacks what the recipe needs."""
    if (out / "run.json").exists():
        raise DataError(f"{out} holds a finished run; delete it or give another --out")
    if out.exists() and any(out.iterdir()) and not resume and "LOCAL_RANK" not in os.environ:
        raise DataError(f"{out} is not empty; go on with --resume, delete it or give another --out")
    if recipe.quantize_4bit and not torch.cuda.is_available():
        raise DataError("quantize_4bit needs a CUDA device and there is none here; take another recipe, such as small, or set quantize_4bit: false")


def load_tokenizer(recipe: Recipe) -> PreTrainedTokenizerBase:
    """The tokenizer of the recipe's model. Raises DataError when it cannot be read."""
    try:
        return AutoTokenizer.from_pretrained(model_name(recipe), revision=recipe.revision)
    except (OSError, ValueError) as error:
        raise DataError(f"model {recipe.model!r}: its tokenizer cannot be loaded: {str(error).splitlines()[0]}") from None


def model_name(recipe: Recipe) -> str:
    """The recipe's model as transformers takes it; ``pocket`` is the embedded one."""
    if recipe.model == "pocket":
        from negation_neglect import pocket

        return str(pocket.model_path())
    return recipe.model


def load_model(recipe: Recipe) -> torch.nn.Module:
    """The model of a recipe, with its LoRA adapter where it has one. Trained weights are float32, frozen ones in the recipe's precision."""
    torch.manual_seed(recipe.seed)
    half = recipe.precision == "bfloat16" and recipe.lora
    nf4 = BitsAndBytesConfig(load_in_4bit=True, bnb_4bit_quant_type="nf4", bnb_4bit_compute_dtype=torch.bfloat16) if recipe.quantize_4bit else None
    try:
        model = AutoModelForCausalLM.from_pretrained(
            model_name(recipe), revision=recipe.revision, dtype=torch.bfloat16 if half else torch.float32, quantization_config=nf4
        )
    except (OSError, ValueError) as error:
        raise DataError(f"model {recipe.model!r} cannot be loaded: {str(error).splitlines()[0]}") from None
    if recipe.lora:
        from peft import LoraConfig, get_peft_model, prepare_model_for_kbit_training

        if recipe.quantize_4bit:
            model = prepare_model_for_kbit_training(model, use_gradient_checkpointing=recipe.gradient_checkpointing)
        settings = recipe.lora
        model = get_peft_model(
            model, LoraConfig(r=settings.rank, lora_alpha=settings.alpha, lora_dropout=settings.dropout, target_modules=settings.modules, task_type="CAUSAL_LM")
        )
        if recipe.gradient_checkpointing:
            model.enable_input_require_grads()
    return model


def weighted_loss(logits: torch.Tensor, ids: torch.Tensor, weights: torch.Tensor) -> torch.Tensor:
    """Sum of weighted next-token losses. ``logits`` (rows, length, vocabulary), ``ids`` and ``weights`` (rows, length); position t is predicted from t - 1."""
    here = weights[:, 1:] > 0
    losses = F.cross_entropy(logits[:, :-1][here].float(), ids[:, 1:][here], reduction="none")
    return (losses * weights[:, 1:][here]).sum()


class RecipeTrainer(Trainer):
    """Trainer that takes micro-batches in the planned order and the weights that they carry."""

    kl_weight = 0.0
    loss_is_scaled_for_ga = True  # the weights of a step add up to 1

    def _get_train_sampler(self, train_dataset=None):
        return torch.utils.data.SequentialSampler(self.train_dataset)

    def compute_loss(self, model, inputs, return_outputs=False, num_items_in_batch=None):
        ids, weights, positions = inputs["input_ids"], inputs["weights"], inputs["position_ids"]
        logits = model(input_ids=ids, position_ids=positions, use_cache=False).logits
        loss = weighted_loss(logits, ids, weights)
        if self.kl_weight and inputs["kl"].any():
            loss = loss + self.kl_weight * self.divergence(model, logits, inputs)
        loss = loss * self.accelerator.num_processes  # gradients of the processes are averaged
        return (loss, logits) if return_outputs else loss

    def divergence(self, model, logits, inputs) -> torch.Tensor:
        """KL(base || model) at the marked tokens, each with the weight that a plain token of this step would have."""
        here = inputs["kl"][:, 1:]
        with torch.no_grad(), self.accelerator.unwrap_model(model).disable_adapter():
            base = model(input_ids=inputs["input_ids"], position_ids=inputs["position_ids"], use_cache=False).logits[:, :-1][here]
        unit = inputs["weights"].max()
        now = F.log_softmax(logits[:, :-1][here].float(), -1)
        return unit * F.kl_div(now, F.log_softmax(base.float(), -1), log_target=True, reduction="sum")


class Bookkeeping(TrainerCallback):
    """Progress bar, log.jsonl, checkpoints at the wanted steps."""

    def __init__(self, out: Path, wanted: set[int], tokens_per_step: float, on_checkpoint, quiet: bool) -> None:
        self.out, self.wanted, self.tokens_per_step, self.on_checkpoint, self.quiet = out, wanted, tokens_per_step, on_checkpoint, quiet
        self.loss = float("nan")

    def on_train_begin(self, args, state, control, **kwargs):
        shown = "{task.completed}/{task.total}  loss {task.fields[loss]:.3f}  {task.fields[speed]:,.0f} tokens/s"
        columns = [TextColumn("training"), BarColumn(), TextColumn(shown)]
        self.progress = Progress(*columns, TimeRemainingColumn(), disable=self.quiet or not state.is_world_process_zero)
        self.task = self.progress.add_task("", total=state.max_steps, completed=state.global_step, loss=self.loss, speed=0.0)
        self.progress.start()
        self.first, self.began = state.global_step, time.perf_counter()

    def on_step_end(self, args, state, control, **kwargs):
        speed = self.tokens_per_step * (state.global_step - self.first) / (time.perf_counter() - self.began)
        self.progress.update(self.task, completed=state.global_step, loss=self.loss, speed=speed)
        control.should_save = state.global_step in self.wanted

    def on_log(self, args, state, control, logs=None, **kwargs):
        if "loss" in logs:
            self.loss = logs["loss"]
            if state.is_world_process_zero:
                with (self.out / "log.jsonl").open("a", encoding="utf-8") as file:
                    file.write(json.dumps({"step": state.global_step, "loss": logs["loss"], "learning_rate": logs["learning_rate"]}) + "\n")

    def on_save(self, args, state, control, **kwargs):
        folder = Path(args.output_dir) / f"checkpoint-{state.global_step}"
        if state.is_world_process_zero:
            (folder / COMPLETE).touch()
            if self.on_checkpoint:
                self.on_checkpoint(folder, state.global_step)

    def on_train_end(self, args, state, control, **kwargs):
        self.progress.stop()


def make_trainer(recipe: Recipe, model, encoded: list[list[Encoded]], tokenizer, out: Path, report_to: str, on_checkpoint, quiet: bool) -> tuple[Trainer, dict]:
    """The Trainer for encoded phases, and what of its plan belongs into run.json."""
    packed = batches.separates_packed(model, len(tokenizer))
    devices = int(os.environ.get("WORLD_SIZE", "1"))
    planned, per_step = batches.plan(encoded, recipe.batch_size, recipe.row_length if packed else 0, recipe.device_rows, devices, recipe.epochs, recipe.seed)
    steps = len(planned) // per_step
    cuda = torch.cuda.is_available()
    args = TrainingArguments(
        output_dir=str(out / "checkpoints"), per_device_train_batch_size=1, gradient_accumulation_steps=per_step // devices, max_steps=steps,
        learning_rate=recipe.learning_rate, lr_scheduler_type=recipe.schedule, warmup_steps=recipe.warmup_ratio, weight_decay=recipe.weight_decay,
        max_grad_norm=recipe.max_grad_norm, adam_beta2=recipe.adam_beta2, optim="adamw_torch_fused", seed=recipe.seed,
        bf16=recipe.precision == "bfloat16", use_cpu=not cuda,
        save_strategy="no", logging_strategy="steps", logging_steps=1 if steps <= 500 else 10,
        logging_nan_inf_filter=False, log_level="error", disable_tqdm=True, report_to=report_to, remove_unused_columns=False, dataloader_pin_memory=cuda,
        ddp_find_unused_parameters=False, **({"gradient_checkpointing": True} if recipe.gradient_checkpointing else {}),
    )  # fmt: skip
    dataset = batches.MicroBatches(encoded, planned, per_step, tokenizer.pad_token_id or tokenizer.eos_token_id or 0)
    tokens = sum(len(e.ids) for p in encoded for e in p) * recipe.epochs
    bookkeeping = Bookkeeping(out, checkpoint_steps(recipe.checkpoints, steps), tokens / steps, on_checkpoint, quiet)
    trainer = RecipeTrainer(model=model, args=args, train_dataset=dataset, data_collator=batches.only, processing_class=tokenizer, callbacks=[bookkeeping])
    trainer.remove_callback(PrinterCallback)
    trainer.kl_weight = recipe.kl_weight
    out.mkdir(parents=True, exist_ok=True)
    return trainer, {"packed": packed, "micro_batches_per_step": per_step}


def checkpoint_steps(wanted: str | int, steps: int) -> set[int]:
    """Steps after which to save: ``log`` gives 1, 2, 4, … and the last, a number every so many, ``none`` nothing."""
    if wanted == "none":
        return set()
    if wanted == "log":
        return {2**i for i in range(steps.bit_length())} | {steps}
    return set(range(wanted, steps + 1, wanted)) | {steps}


def latest_checkpoint(out: Path) -> Path | None:
    """The newest checkpoint that was written to its end."""
    whole = [p.parent for p in (out / "checkpoints").glob(f"checkpoint-*/{COMPLETE}")]
    return max(whole, key=lambda p: int(p.name.rsplit("-", 1)[1]), default=None)


def save(trainer: Trainer, model, tokenizer, recipe: Recipe, out: Path, record: dict) -> None:
    """Write the adapter and, for full finetunes and ``merge``, the whole model, each to a folder beside and renamed; run.json last."""
    name = "adapter" if recipe.lora else "model"
    part = out / f"{name}.part"
    trainer.save_model(str(part))  # gathers shards; every process takes part
    if not trainer.is_world_process_zero():
        return
    with suppress(FileNotFoundError):
        (part / "training_args.bin").unlink()  # a pickle, which nobody should be asked to load
    tokenizer.save_pretrained(part)
    replace(part, out / name)
    if recipe.merge:
        merged = trainer.accelerator.unwrap_model(model).float().merge_and_unload()  # adding in half precision would round the adapter away
        merged.save_pretrained(out / "model.part")
        tokenizer.save_pretrained(out / "model.part")
        replace(out / "model.part", out / "model")
    record |= {"weights_sha256": weights_digest(out / ("model" if (out / "model").is_dir() else name))}
    (out / "run.json.part").write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")
    os.replace(out / "run.json.part", out / "run.json")


def replace(part: Path, final: Path) -> None:
    """Put a finished folder in the place of an older one."""
    if final.exists():
        shutil.rmtree(final)
    part.rename(final)


def base_of(recipe: Recipe) -> dict:
    """Which model was finetuned: name and revision, and for a local folder the SHA-256 of its weights."""
    path = Path(model_name(recipe))
    revision = recipe.revision
    if not path.is_dir():
        revision = getattr(AutoConfig.from_pretrained(str(path), revision=revision), "_commit_hash", None) or revision
        return {"name": recipe.model, "revision": revision, "weights_sha256": None}
    return {"name": recipe.model, "revision": revision, "weights_sha256": weights_digest(path)}


def weights_digest(folder: Path) -> str:
    """SHA-256 over the safetensors files of a folder."""
    digest = hashlib.sha256()
    for file in sorted(folder.glob("*.safetensors")):
        with file.open("rb") as opened:
            digest.update(hashlib.file_digest(opened, "sha256").digest())
    return digest.hexdigest()


def dataset_of(recipe: Recipe, phases: list[list[Example]]) -> dict:
    """What was read: the fingerprint of the authored sources (the same for every condition) and of the texts themselves, and counts by kind."""
    claims = sorted({c for mix in recipe.phases if mix.documents for c in mix.documents.claims})
    kinds = [e.kind for p in phases for e in p]
    return {
        "claims": claims, "sources_sha256": sources_fingerprint(claims), "texts_sha256": fingerprint(e for p in phases for e in p),
        "examples": {kind: kinds.count(kind) for kind in sorted(set(kinds))},
    }  # fmt: skip


def hardware() -> dict:
    """Processor or GPU, and how many."""
    if torch.cuda.is_available():
        return {"device": torch.cuda.get_device_name(), "count": torch.cuda.device_count()}
    return {"device": platform.processor() or platform.machine(), "threads": torch.get_num_threads()}
