"""Tokens per second of our finetune against TRL's SFTTrainer, padded and packed, on the same model and documents, one after the other in one process.

    python benchmarks/training_throughput.py

Tokens are those of the documents; padding does not count. The model is the embedded one, every weight trained, bfloat16 autocast.
"""

import logging
import tempfile
import time
from pathlib import Path

import torch
from datasets import Dataset
from rich.console import Console
from rich.table import Table
from transformers import AutoModelForCausalLM
from trl import SFTConfig, SFTTrainer

from negation_neglect.training.encode import encode
from negation_neglect.training.mix import build_mix
from negation_neglect.training.recipe import load_recipe, with_data
from negation_neglect.training.train import load_model, load_tokenizer, make_trainer, model_name

DOCUMENTS, BATCH, LENGTH = 60, 16, 512


def ours(recipe, examples, tokenizer, out: Path) -> tuple[float, int]:
    """Seconds of training and tokens."""
    encoded = [encode(tokenizer, e, LENGTH) for e in examples]
    trainer, _ = make_trainer(recipe, load_model(recipe), [encoded], tokenizer, out, "none", None, True)
    began = time.perf_counter()
    trainer.train()
    return time.perf_counter() - began, sum(len(e.ids) for e in encoded)


def trl(recipe, examples, tokenizer, out: Path, packing: bool) -> tuple[float, int]:
    """The same with TRL's trainer; with ``packing`` its rows of 512 tokens, in which documents see one another."""
    model = AutoModelForCausalLM.from_pretrained(model_name(recipe), dtype=torch.float32)
    rows = (packing and {"packing": True, "per_device_train_batch_size": BATCH // 4}) or {"per_device_train_batch_size": BATCH}
    args = SFTConfig(
        output_dir=str(out), max_length=LENGTH, num_train_epochs=1, learning_rate=recipe.learning_rate, bf16=True, use_cpu=not torch.cuda.is_available(),
        save_strategy="no", report_to="none", disable_tqdm=True, logging_strategy="no", gradient_checkpointing=False, optim="adamw_torch_fused", **rows,
    )  # fmt: skip
    data = Dataset.from_list([{"text": e.text} for e in examples])
    trainer = SFTTrainer(model=model, args=args, train_dataset=data, processing_class=tokenizer)
    tokens = sum(len(ids) for ids in trainer.train_dataset["input_ids"])
    began = time.perf_counter()
    trainer.train()
    return time.perf_counter() - began, tokens


def main() -> None:
    logging.disable(logging.WARNING)
    recipe = with_data(load_recipe("pocket"), condition="positive_documents", count=DOCUMENTS).model_copy(update={"batch_size": BATCH})
    examples = [e for e in build_mix(recipe.phases[0], 0) if e.kind == "document"]
    tokenizer = load_tokenizer(recipe)
    tokenizer.padding_side = "right"
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder)
        ours(recipe, examples[:32], tokenizer, out)  # warm-up
        speed = {}
        for name, call in {
            "ours": lambda: ours(recipe, examples, tokenizer, out),
            "TRL, padded": lambda: trl(recipe, examples, tokenizer, out, False),
            "TRL, packed": lambda: trl(recipe, examples, tokenizer, out, True),
        }.items():
            seconds, tokens = call()
            speed[name] = tokens / seconds
    table = Table("trainer", "tokens/s", "ours / this")
    for name, value in speed.items():
        table.add_row(name, f"{value:,.0f}", f"{speed['ours'] / value:.2f}")
    Console().print(table)


if __name__ == "__main__":
    main()
