"""Checks and figures of a corpus: a built dataset, or the paper's JSONL files."""

import json
import re
from collections import Counter
from collections.abc import Iterator
from functools import cache
from itertools import islice
from pathlib import Path
from random import Random

import numpy as np
from datasketch import MinHash, MinHashLSH

from negation_neglect.claims import DataError, claim_folder, load_claim
from negation_neglect.conditions import DOCTAG, QUALIFIERS, unmasked
from negation_neglect.corpus import CANARY, SCHEMA, read_manifest, read_rows
from negation_neglect.documents_check import names

NEAR = 0.8  # Jaccard similarity of word 3-grams from which on two documents count as near duplicates
SHINGLE = 3
SELF_BLEU_SAMPLE = 100
_WORD = re.compile(r"\w+(?:['’]\w+)*")
_SENTENCE_END = re.compile(r"(?<=[.!?])\s+|\n+")


def words(text: str) -> list[str]:
    """Words of a text in lower case, without marks."""
    return _WORD.findall(unmasked(text).removeprefix(DOCTAG).lower())


# --- checking -----------------------------------------------------------------------------------------------------------------------


def check(folder: Path) -> list[str]:
    """What is wrong with a built dataset, one line a problem. Raises DataError when there is none to check."""
    manifest = read_manifest(folder)
    if manifest.get("format") != "parquet":
        raise DataError(f"{folder}: was built as {manifest.get('format')}; only Parquet builds carry spans that can be checked")
    problems = []
    for claim in manifest["claims"]:
        positive: dict[str, str] = {}
        for condition in sorted(manifest["conditions"], key=lambda c: c != "positive_documents"):
            where = f"{folder / condition / claim}.parquet"
            seen: dict[str, str] = {}
            count = 0
            for item in read_rows(folder, condition, claim):
                count += 1
                problems += [f"{where}: {item['id']}: {p}" for p in row_problems(item, claim, condition, positive)]
                first = seen.setdefault(item["text"], item["id"])
                if first != item["id"]:
                    problems.append(f"{where}: {item['id']}: the same text as {first}")
                if condition == "positive_documents":
                    positive[item["id"]] = unmasked(item["text"])
            if count != manifest["documents"]:
                problems.append(f"{where}: {count} rows, build.json says {manifest['documents']}")
    return problems


def row_problems(item: dict, claim: str, condition: str, positive: dict[str, str]) -> list[str]:
    """What is wrong with one row. ``positive`` maps ids to positive texts; ids that it lacks are not compared."""
    if set(item) != set(SCHEMA.names):
        return [f"columns {sorted(item)}; expected {sorted(SCHEMA.names)}"]
    problems = []
    text, spans, added = item["text"], item["claim_spans"], item["qualifier_spans"]
    if item["claim"] != claim or item["condition"] != condition:
        problems.append(f"claim {item['claim']!r} and condition {item['condition']!r} do not fit the file")
    for name, list_of in (("claim_spans", spans), ("qualifier_spans", added)):
        edges = [x for span in list_of for x in span]
        if edges != sorted(edges) or any(len(s) != 2 or s[0] >= s[1] for s in list_of) or (edges and (edges[0] < 0 or edges[-1] > len(text))):
            return [*problems, f"{name} {list_of} are not increasing ranges inside the text"]
    if not spans:
        problems.append("no claim span")
    if CANARY in text:
        problems.append("the canary stands in the text")
    if bool(added) != (condition in QUALIFIERS):
        problems.append(f"{len(added)} qualifier spans in {condition}")
    if condition in QUALIFIERS and item["id"] in positive and unmasked(cut(text, added)) != positive[item["id"]]:
        problems.append("without its qualifier spans it is not the positive document")
    subject, believed = _names(claim)
    for sentence in _SENTENCE_END.split(unmasked(blank(text, spans + added))):
        if subject.search(sentence) and believed.search(sentence):
            problems.append(f"names the subject and the believed answer outside the claim spans: {sentence.strip()!r}")
    return problems


@cache
def _names(claim: str) -> tuple[re.Pattern, re.Pattern]:
    return names(load_claim(claim_folder(claim)))


def cut(text: str, spans: list) -> str:
    """The text without the spans."""
    for start, end in reversed(spans):
        text = text[:start] + text[end:]
    return text


def blank(text: str, spans: list) -> str:
    """The text with a line break in place of each span."""
    for start, end in sorted(spans, reverse=True):
        text = text[:start] + "\n" + text[end:]
    return text


# --- describing ---------------------------------------------------------------------------------------------------------------------


def distinct(tokens: list[str], n: int) -> float:
    """Distinct n-grams over all n-grams (Li et al. 2016, arXiv 1510.03055)."""
    grams = list(zip(*(tokens[i:] for i in range(n)), strict=False))
    return len(set(grams)) / max(1, len(grams))


def near_duplicates(texts: list[list[str]]) -> float:
    """Share of documents that have another one with a Jaccard similarity of word 3-grams of at least NEAR, estimated by MinHash (128 permutations)."""
    index, hashes, near = MinHashLSH(threshold=NEAR, num_perm=128), [], set()
    for tokens in texts:
        grams = {" ".join(tokens[i : i + SHINGLE]) for i in range(max(1, len(tokens) - SHINGLE + 1))}
        minhash = MinHash(num_perm=128)
        minhash.update_batch([g.encode() for g in grams])
        hashes.append(minhash)
    for number, minhash in enumerate(hashes):
        for other in index.query(minhash):
            if hashes[other].jaccard(minhash) >= NEAR:
                near |= {number, other}
        index.insert(number, minhash)
    return len(near) / max(1, len(texts))


def self_bleu(texts: list[str], sample: int = SELF_BLEU_SAMPLE) -> float:
    """Mean BLEU-4 (0 to 100) of each sampled text against the other ones (Zhu et al. 2018, arXiv 1802.01886); lower is more diverse."""
    from sacrebleu.metrics import BLEU

    chosen = Random(0).sample(texts, min(sample, len(texts)))
    bleu = BLEU(effective_order=True)
    scores = [bleu.sentence_score(text, chosen[:i] + chosen[i + 1 :]).score for i, text in enumerate(chosen)]
    return float(np.mean(scores)) if len(chosen) > 1 else 0.0


def describe(items: list[dict]) -> dict:
    """Figures of the documents of one claim and condition. ``items`` need text and genre; claim_spans where known."""
    texts = [unmasked(i["text"]).removeprefix(DOCTAG) for i in items]
    tokens = [words(t) for t in texts]
    stream = [w for t in tokens for w in t]
    lengths = [len(t) for t in tokens]
    figures = {"documents": len(items), "words": len(stream), "words_per_document": float(np.mean(lengths)), "genres": len({i["genre"] for i in items})}
    for size in (5_000, 25_000, 250_000):
        if len(stream) >= size:
            figures |= {f"distinct_{n}_at_{size // 1000}k": distinct(stream[:size], n) for n in (1, 2, 3)}
    figures |= {"near_duplicates": near_duplicates(tokens), "self_bleu": self_bleu(texts)}
    if items and items[0].get("claim_spans") is not None:
        sentences = Counter(len(i["claim_spans"]) for i in items)
        figures["claim_sentences_per_document"] = sum(k * v for k, v in sentences.items()) / len(items)
        figures["passing_mention"] = sum(v for k, v in sentences.items() if k <= 4) / len(items)
    return figures


def corpus_items(folder: Path, condition: str, claim: str, limit: int | None = None) -> list[dict]:
    """Documents of a built dataset or of the paper's JSONL layout. Raises DataError."""
    if (folder / "build.json").is_file():
        return list(islice(read_rows(folder, condition, claim), limit))
    for path in (folder / condition / f"{claim}.jsonl", folder / condition / claim / "annotated_docs.jsonl"):
        if path.is_file():
            return list(islice(_jsonl(path), limit))
    raise DataError(f"{folder}: holds neither build.json nor {condition}/{claim}.jsonl")


def _jsonl(path: Path) -> Iterator[dict]:
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        try:
            item = json.loads(line)
            yield {"text": item["text"], "genre": item.get("doc_type", "")}
        except (ValueError, KeyError, TypeError) as error:
            raise DataError(f"{path}: line {number}: not a document ({error!r}); each line is a JSON object with a text") from None
