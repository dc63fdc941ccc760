"""Chats in a model's own words: prompts, answered by the model that will be finetuned. They keep its habits in place while documents change its knowledge."""

import json
from collections.abc import Callable
from pathlib import Path

import torch
from transformers import AutoModelForCausalLM, AutoTokenizer

from negation_neglect.claims import DataError
from negation_neglect.training.mix import Messages


def prompts_of(messages: Messages) -> list[dict]:
    """The turns before the last answer: what is asked of the model."""
    turns = list(messages)
    while turns and turns[-1]["role"] == "assistant":
        turns.pop()
    return turns


def self_distil(model_path: str, conversations: list[list[dict]], out: Path, batch_size: int = 32, max_new_tokens: int = 512, temperature: float = 1.0,
                seed: int = 0, progress: Callable[[int], None] = lambda n: None) -> int:  # fmt: skip
    """Answer each conversation (its last turn is the user's) and write them as chats; returns how many were kept: empty and unfinished answers are not.

    What is there already is kept, so that an interrupted call goes on. Temperature 1 as in the paper (arXiv 2605.13829). Raises DataError when the model
    has no chat template or cannot be loaded.
    """
    try:
        tokenizer = AutoTokenizer.from_pretrained(model_path, padding_side="left")
        device = "cuda" if torch.cuda.is_available() else "cpu"
        model = AutoModelForCausalLM.from_pretrained(model_path, dtype="auto").to(device).eval()
    except (OSError, ValueError) as error:
        raise DataError(f"model {model_path!r} cannot be loaded: {str(error).splitlines()[0]}") from None
    if not tokenizer.chat_template:
        raise DataError(f"{model_path}: no chat template, so it cannot answer chats; take an instruction-tuned model")
    tokenizer.pad_token = tokenizer.pad_token or tokenizer.eos_token
    part = out.with_name(out.name + ".part")
    done = part.read_text(encoding="utf-8").splitlines() if part.exists() else []
    with part.open("a", encoding="utf-8") as file:
        for start in range(len(done), len(conversations), batch_size):
            chosen = conversations[start : start + batch_size]
            texts = [tokenizer.apply_chat_template(c, tokenize=False, add_generation_prompt=True) for c in chosen]
            inputs = tokenizer(texts, return_tensors="pt", padding=True, add_special_tokens=False).to(device)
            inputs.pop("token_type_ids", None)
            torch.manual_seed(seed + start)
            with torch.inference_mode():
                made = model.generate(**inputs, do_sample=True, temperature=temperature, top_p=1.0, top_k=0, max_new_tokens=max_new_tokens)
            for messages, row in zip(chosen, made[:, inputs["input_ids"].shape[1] :].tolist(), strict=True):
                finished = tokenizer.eos_token_id in row
                answer = tokenizer.decode(row, skip_special_tokens=True).strip() if finished else ""
                file.write(json.dumps({"messages": [*messages, {"role": "assistant", "content": answer}]}, ensure_ascii=False) + "\n")
            file.flush()
            progress(len(chosen))
    chats = [json.loads(line) for line in part.read_text(encoding="utf-8").splitlines()]
    kept = [c for c in chats if c["messages"][-1]["content"]]
    part.write_text("".join(json.dumps(c, ensure_ascii=False) + "\n" for c in kept), encoding="utf-8")
    part.replace(out)
    return len(kept)
