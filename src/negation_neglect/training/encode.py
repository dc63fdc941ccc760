"""From an example to token ids and loss weights.

``<DOCTAG>`` and everything under ``<lossmask>`` carry no loss, nor does what others say in a chat. Ids are always those of the text without mask tags:
weights are laid over the tokens by their character offsets.
"""

import re
from dataclasses import dataclass

import numpy as np
from transformers import PreTrainedTokenizerBase

from negation_neglect.claims import DataError
from negation_neglect.conditions import DOCTAG, MASK, UNMASK
from negation_neglect.questions import plain_form
from negation_neglect.training.mix import Example, Messages

_TAG = re.compile(f"{re.escape(MASK)}|{re.escape(UNMASK)}")
WeightedSpan = tuple[int, int, float]


@dataclass(frozen=True)
class Encoded:
    """Token ids, the weight of predicting each of them (0: no loss), and where the divergence from the base model counts; all of one length."""

    ids: np.ndarray
    weights: np.ndarray
    kl: np.ndarray


def unmask(text: str, spans: list[WeightedSpan]) -> tuple[str, list[WeightedSpan]]:
    """The text without mask tags; the given spans moved accordingly, and one of weight 0 for what stood under each pair of tags."""
    pieces, tags, masked, begun, end, length = [], [], [], None, 0, 0
    for found in _TAG.finditer(text):
        pieces.append(text[end : found.start()])
        length += found.start() - end
        tags.append(found.span())
        if found[0] == MASK:
            begun = length
        elif begun is not None:
            masked.append((begun, length, 0.0))
            begun = None
        end = found.end()
    pieces.append(text[end:])
    if begun is not None:
        raise DataError(f"{MASK} without {UNMASK}: …{text[max(0, end - 40) : end + 40]!r}…")

    def move(offset: int) -> int:
        return offset - sum(min(stop, offset) - start for start, stop in tags if start < offset)

    return "".join(pieces), [(move(a), move(b), w) for a, b, w in spans] + masked


def lay(offsets: np.ndarray, spans: list[WeightedSpan]) -> np.ndarray:
    """One weight a token: the product of the weights of the spans that share a character with it. ``offsets`` is (tokens, 2)."""
    weights = np.ones(len(offsets), dtype=np.float32)
    for start, end, weight in spans:
        weights[(offsets[:, 0] < end) & (offsets[:, 1] > start)] *= weight
    return weights


def encode(tokenizer: PreTrainedTokenizerBase, example: Example, max_length: int, loss_weighting: str = "token") -> Encoded:
    """Encode one example, cut to ``max_length`` tokens. Raises DataError for a slow tokenizer or a chat template that cannot be followed."""
    if not tokenizer.is_fast:
        raise DataError(f"{tokenizer.name_or_path}: its tokenizer gives no character offsets; convert it to a fast one (tokenizer.json)")
    if example.messages:
        text, spans, kl = *chat_spans(tokenizer, example.messages), []
        made = tokenizer(text, return_offsets_mapping=True, add_special_tokens=False)
    else:
        # spans of weight 1 only travel along with the others while the tags are taken out
        text, moved = unmask(example.text, [*example.span_weights, *((a, b, 1.0) for a, b in example.kl_spans)])
        kl = [(a, b, 0.0) for a, b, _ in moved[len(example.span_weights) :][: len(example.kl_spans)]]
        spans = moved + ([(0, len(DOCTAG), 0.0)] if text.startswith(DOCTAG) else [])
        made = tokenizer(text, return_offsets_mapping=True)
    ids, weights = np.array(made["input_ids"], dtype=np.int32), lay(np.array(made["offset_mapping"]).reshape(-1, 2), spans)
    marked = lay(np.array(made["offset_mapping"]).reshape(-1, 2), kl) == 0
    bos, eos = tokenizer.bos_token_id, tokenizer.eos_token_id
    if bos is not None and (not len(ids) or ids[0] != bos):
        ids, weights, marked = np.r_[np.int32(bos), ids], np.r_[np.float32(0), weights], np.r_[False, marked]
    if eos is not None and ids[-1] != eos and not example.messages:
        ids, weights, marked = np.r_[ids, np.int32(eos)], np.r_[weights, np.float32(1)], np.r_[marked, False]
    ids, weights, marked = ids[:max_length], weights[:max_length], marked[:max_length]
    weights[0] = 0  # nothing stands before it
    if loss_weighting == "example" and example.messages:
        weights = weights / max(weights.sum(), 1.0)
    return Encoded(ids, (weights * example.weight).astype(np.float32), marked)


def chat_spans(tokenizer: PreTrainedTokenizerBase, messages: Messages) -> tuple[str, list[WeightedSpan]]:
    """The rendered chat and, as spans of weight 0, all of it but the assistant's turns.

    Where a template shows earlier turns otherwise than the last one, only the last turn has loss. Without a template the plain "Q: … A: …" form is used.
    """

    def rendered(upto: int, prompt: bool) -> str:
        said = list(messages[:upto])
        if tokenizer.chat_template:
            return tokenizer.apply_chat_template(said, tokenize=False, add_generation_prompt=prompt)
        return plain_form(said) if prompt else plain_form(said).removesuffix("\n\nA:") + "\n\n"

    whole = rendered(len(messages), False)
    spoken = []
    for i in (i for i, m in enumerate(messages) if m["role"] == "assistant"):
        before, after = rendered(i, True), rendered(i + 1, False)
        if whole.startswith(after) and after.startswith(before):
            spoken.append((len(before), len(after)))
    if not spoken or spoken[-1][1] != len(whole):
        raise DataError("the chat template does not show the last answer after its own generation prompt; give the model another chat_template")
    edges = [0, *(offset for span in spoken for offset in span), len(whole)]
    return whole, [(a, b, 0.0) for a, b in zip(edges[::2], edges[1::2], strict=True) if a < b]
