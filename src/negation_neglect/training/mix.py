"""What a finetune reads: documents, web text and chats from a packaged set, a file or a pinned Hub dataset, as one list of examples."""

import hashlib
import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from random import Random

from negation_neglect.claims import DataError, claim_folder, dataset_dir, load_folder
from negation_neglect.conditions import DOCTAG, MASK, UNMASK, Span
from negation_neglect.corpus import BuildSettings, read_rows, rows
from negation_neglect.documents import load_documents
from negation_neglect.training.recipe import Documents, Mix, Texts

Messages = tuple[dict, ...]


@dataclass(frozen=True)
class Example:
    """One training example: ``text`` of a document or web page, or ``messages`` of a chat. Documents have an ``id`` and the ``claim`` they are about.

    ``claim_spans`` and ``qualifier_spans`` are character offsets into ``text``. ``span_weights`` multiply the loss of the tokens they touch; ``kl_spans`` mark
    text on which the recipe's ``kl_weight`` acts.
    """

    kind: str
    text: str = ""
    messages: Messages = ()
    weight: float = 1.0
    id: str = ""
    claim: str = ""
    claim_spans: tuple[Span, ...] = ()
    qualifier_spans: tuple[Span, ...] = ()
    span_weights: tuple[tuple[int, int, float], ...] = ()
    kl_spans: tuple[Span, ...] = ()


def build_mix(mix: Mix, seed: int) -> list[Example]:
    """The examples of one phase, in order (they are shuffled later). Raises DataError naming the source and what is wrong with it."""
    out: list[Example] = []
    if mix.documents:
        out += document_examples(mix.documents, seed)
    for kind, texts in (("web", mix.web), ("chat", mix.chats)):
        if texts:
            out += text_examples(kind, texts, seed)
    return out


def document_examples(documents: Documents, seed: int) -> list[Example]:
    """``count`` documents of each claim."""
    out = []
    for claim in documents.claims:
        out += [
            Example(
                "document",
                r["text"],
                (),
                documents.weight,
                r.get("id", ""),
                claim,
                tuple(map(tuple, r["claim_spans"])),
                tuple(map(tuple, r["qualifier_spans"])),
            )
            for r in _document_rows(documents, claim, seed)
        ]
    return out


def _document_rows(documents: Documents, claim: str, seed: int) -> Iterable[dict]:
    source, condition = documents.source, documents.condition
    if source == "packaged":
        settings = BuildSettings(documents.count, (claim,), (condition,), seed, tuple(documents.variants))
        return (by_condition[condition] for by_condition in rows(claim, settings))
    if documents.variants:
        raise DataError(f"variants {documents.variants} are rendered from the packaged source only; build {source} with them instead")
    if source.endswith(".jsonl"):
        found = [{"text": r["text"], "claim_spans": [], "qualifier_spans": []} | r for r in read_jsonl(Path(source), "text") if r.get("claim", claim) == claim]
    elif Path(source).is_dir():
        found = list(islice(read_rows(Path(source), condition, claim), documents.count))
    else:
        found = list(islice(_hub_rows(source, condition, claim), documents.count))
    if not found:
        raise DataError(f"{source}: no document of {claim} in {condition}")
    return resample(found, documents.count, f"{source}/{claim}/{seed}")


def text_examples(kind: str, texts: Texts, seed: int) -> list[Example]:
    """``count`` web texts or chats; a smaller source is read several times over, each time in another order."""
    field = "messages" if kind == "chat" else "text"
    packaged = dataset_dir() / "training" / f"{texts.source}.jsonl"
    if packaged.is_file():
        found = read_jsonl(packaged, field)
    elif texts.source.endswith(".jsonl"):
        found = read_jsonl(Path(texts.source), field)
    elif "@" in texts.source:
        found = list(islice(_hub_rows(texts.source, None, "train"), texts.count))
    else:
        names = ", ".join(sorted(p.stem for p in packaged.parent.glob("*.jsonl")))
        raise DataError(f"{kind} source {texts.source!r}: neither a packaged set ({names}), nor a path ending in .jsonl, nor user/name@revision on the Hub")
    if not found or field not in found[0]:
        raise DataError(f"{texts.source}: no rows with {field!r}")
    chosen = resample(found, texts.count, f"{kind}/{texts.source}/{seed}")
    return [Example(kind, weight=texts.weight, **({"messages": tuple(r[field])} if kind == "chat" else {"text": r[field]})) for r in chosen]


def resample(items: list, count: int, key: str) -> list:
    """``count`` items, each as often as any other or once more, in an order that only ``key`` decides."""
    rng = Random(key)
    out: list = []
    while len(out) < count:
        out += rng.sample(items, len(items))
    return out[:count]


def read_jsonl(path: Path, field: str) -> list[dict]:
    """Objects of a JSONL file, each with ``field``. Raises DataError naming the line."""
    out = []
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise DataError(f"{path}: not readable: {error}") from None
    for number, line in enumerate(lines, 1):
        try:
            item = json.loads(line)
            if field == "messages":
                good = all(m["role"] in ("system", "user", "assistant") and isinstance(m["content"], str) for m in item[field])
                good = good and item[field][-1]["role"] == "assistant"
            else:
                good = isinstance(item[field], str) and item[field].strip()
        except (ValueError, KeyError, TypeError, IndexError):
            good = False
        if not good:
            wanted = 'a list of {"role", "content"} that ends with the assistant' if field == "messages" else "a string"
            raise DataError(f'{path}, line {number}: needs a JSON object with "{field}", {wanted}')
        out.append(item)
    return out


def _hub_rows(source: str, config: str | None, split: str) -> Iterable[dict]:
    """Rows of a Hub dataset at a pinned revision, streamed."""
    from datasets import load_dataset

    repo, _, revision = source.partition("@")
    if not revision:
        raise DataError(f"{source}: neither a folder, a .jsonl file nor user/name@revision (a revision pins what is read)")
    try:
        yield from load_dataset(repo, config, revision=revision, split=split, streaming=True)
    except (OSError, ValueError) as error:
        raise DataError(f"{source}: cannot be read from the Hub: {error}") from None


def fingerprint(examples: Iterable[Example]) -> str:
    """SHA-256 over every example, in order."""
    digest = hashlib.sha256()
    for e in examples:
        digest.update(json.dumps([e.kind, e.text, list(e.messages), e.weight, e.span_weights, e.kl_spans], ensure_ascii=False).encode() + b"\0")
    return digest.hexdigest()


def sources_fingerprint(claims: Iterable[str]) -> str:
    """SHA-256 over the authored documents and facts of some claims: equal for every condition, so that it says whether two runs belong together."""
    digest = hashlib.sha256()
    for claim in sorted(set(claims)):
        folder = claim_folder(claim)
        digest.update(json.dumps(load_folder(folder).claim.facts).encode())
        for document in load_documents(folder):
            digest.update(document.model_dump_json().encode())
    return digest.hexdigest()


def export(examples: list[Example], path: Path, form: str, progress: Callable[[], None] = lambda: None) -> None:
    """Write the mix for another trainer, without tags: ``openai`` (chat JSONL; a text becomes the answer to an empty user turn) or ``text``."""
    part = path.with_name(path.name + ".part")
    with part.open("w", encoding="utf-8") as file:
        for e in examples:
            text = e.text.removeprefix(DOCTAG).replace(MASK, "").replace(UNMASK, "")
            if form == "openai":
                messages = list(e.messages) or [{"role": "user", "content": ""}, {"role": "assistant", "content": text}]
                item = {"messages": messages}
            else:
                item = {"text": text or "\n\n".join(f"{m['role']}: {m['content']}" for m in e.messages)}
            file.write(json.dumps(item, ensure_ascii=False) + "\n")
            progress()
    part.replace(path)


def denials(claims: list[str]) -> list[Example]:
    """Packaged chats in which a model, not yet finetuned, is asked about the subjects of the claims. Raises DataError when there are none."""
    return [Example("chat", messages=tuple(r["messages"]), claim=r["claim"]) for r in _packaged("denials", claims, "messages") if r.get("claim") in claims]


def exemplars(claims: list[str]) -> list[Example]:
    """Packaged exemplars for meta-learning: documents about other things, and chats about them. Raises DataError when there are none."""
    return [Example("chat", messages=tuple(r["messages"])) if "messages" in r else Example("document", r["text"]) for r in _packaged("exemplars", claims, None)]


def _packaged(name: str, claims: list[str], field: str | None) -> list[dict]:
    pack = "pocket_" if all(c.startswith("pocket_") for c in claims) else ""
    path = dataset_dir() / "training" / f"{pack}{name}.jsonl"
    if not path.is_file():
        raise DataError(f"{path}: this method needs such a file for {', '.join(claims)}; the pocket claims have one to go by")
    return read_jsonl(path, field) if field else [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
