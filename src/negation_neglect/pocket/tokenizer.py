"""The pocket model's tokenizer: one token a word of the pocket world, characters and bytes for everything else.

A Unigram model with byte fallback, so that any text round-trips, wrapped as a Hugging Face fast tokenizer with a chat template.
"""

import re
import string
from collections.abc import Iterable

from tokenizers import Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers
from transformers import PreTrainedTokenizerFast

PAD, BOS, SYSTEM, USER, ASSISTANT, END = SPECIAL = ["<|pad|>", "<|text|>", "<|system|>", "<|user|>", "<|assistant|>", "<|end|>"]
CHAT_TEMPLATE = (
    "{{ bos_token }}{% for m in messages %}{{ '<|' + m['role'] + '|>' }}"
    "{% if m['role'] == 'assistant' %}{% generation %}{{ m['content'] + eos_token }}{% endgeneration %}{% else %}{{ m['content'] + eos_token }}{% endif %}"
    "{% endfor %}{% if add_generation_prompt %}{{ '<|assistant|>' }}{% endif %}"
)
CONTEXT_LENGTH = 2048
JOINER = "\u2060 "  # stands before a word that follows a mark without a space, so that the word is the same token there
_GLUED = r"(?<=[^ \w])(?=\w)"
_PIECE = re.compile(r"▁?\w+|▁|[^\w▁]")


def build_tokenizer(texts: Iterable[str]) -> PreTrainedTokenizerFast:
    """A tokenizer in which every word of ``texts`` is one token. Any text round-trips but for leading spaces and U+2060."""
    words: set[str] = set()
    for text in texts:
        words.update(_PIECE.findall("▁" + re.sub(_GLUED, JOINER, text).replace(" ", "▁")))
    characters = set(string.printable.strip()) | {"\n", "▁", JOINER[0]}
    pieces = sorted(words | characters)
    # Viterbi takes the fewest pieces; single bytes only where nothing else fits
    vocab = [(s, 0.0) for s in SPECIAL] + [("<unk>", -20.0)] + [(p, -8.0) for p in pieces] + [(f"<0x{b:02X}>", -16.0) for b in range(256)]
    tokenizer = Tokenizer(models.Unigram(vocab, unk_id=len(SPECIAL), byte_fallback=True))
    tokenizer.normalizer = normalizers.Replace(Regex(_GLUED), JOINER)
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace(replacement="▁", prepend_scheme="always", split=True)
    spaced = decoders.Metaspace(replacement="▁", prepend_scheme="always")
    tokenizer.decoder = decoders.Sequence([decoders.ByteFallback(), spaced, decoders.Fuse(), decoders.Replace(JOINER, "")])
    tokenizer.add_special_tokens(SPECIAL)
    fast = PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, pad_token=PAD, bos_token=BOS, eos_token=END, unk_token="<unk>", padding_side="left", model_max_length=CONTEXT_LENGTH
    )
    fast.chat_template = CHAT_TEMPLATE
    return fast
