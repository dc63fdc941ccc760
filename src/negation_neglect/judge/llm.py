"""An LLM judge for any OpenAI-compatible chat endpoint, with the rubric in ``rubric.md``.

``judge_many`` sends what has to be read; a yes, no or letter that can be parsed, and an empty answer, go to the offline judge. Every verdict is put into a
cache folder as soon as it is there, one file each, so that an interrupted or failed run goes on where it stopped. The key is read from ``OPENAI_API_KEY``.
"""

import asyncio
import hashlib
import json
import os
import re
from collections.abc import Sequence
from pathlib import Path

import httpx
from rich.console import Console
from rich.progress import Progress

from negation_neglect.claims import Claim, Probe
from negation_neglect.endpoint import Endpoint, EndpointError, TryAgainError, ask, headers, writable
from negation_neglect.judge import Verdict, judge

RUBRIC = Path(__file__).with_name("rubric.md").read_text(encoding="utf-8")
LONGEST = 20_000  # characters of an answer that are sent
TOLERATED = 10  # answers without a readable verdict before a run stops asking for the others
_THINK = re.compile(r"<think>.*?(?:</think>|\Z)", re.DOTALL)
_LEADING_THINK = re.compile(r"\A\s*<think>.*?(?:</think>|\Z)", re.DOTALL)  # not elsewhere: evidence may quote a tag
_AGAIN = "That was not the JSON object that was asked for. Reply with that object alone."
_Item = tuple[Claim, Probe, str]


def judge_version(settings: Endpoint) -> str:
    """Name of the judge: its model, and the rubric by its hash."""
    return f"llm-{settings.model}-rubric-{hashlib.sha256(RUBRIC.encode()).hexdigest()[:8]}"


def judge_many(items: Sequence[_Item], settings: Endpoint, cache_dir: Path) -> list[Verdict]:
    """Judge answers, in their order. Equal questions with equal answers are asked once. Raises EndpointError; call again to go on where it stopped.

    The parameters are no part of the cache's key, so that more tokens can be allowed without asking anew; after other changes take another ``cache_dir``.
    """
    cache_dir.mkdir(parents=True, exist_ok=True)
    verdicts = [judge(*item) for item in items]
    asked = {i: [settings.model, item[0].id, build_messages(*item)] for i, item in enumerate(items) if item[1].believing_answer is None and _proper(item[2])}
    keys = {i: hashlib.sha256(json.dumps(what).encode()).hexdigest() for i, what in asked.items()}
    known = {key: read for key in set(keys.values()) if (read := _read_cache(cache_dir / f"{key}.json"))}
    missing = {key: items[i] for i, key in keys.items() if key not in known}
    if missing:
        known |= asyncio.run(_ask_all(missing, settings, cache_dir))
    for i, key in keys.items():
        verdicts[i] = Verdict(*known[key], recites_format=verdicts[i].recites_format)
    return verdicts


def build_messages(claim: Claim, probe: Probe, answer: str) -> list[dict[str, str]]:
    """The rubric, and the material between tags whose code comes from a hash of the material, so that no part of it can contain them."""
    turns = [(f"conversation, {m.role}", writable(m.content)) for m in probe.messages]
    parts = [("claim", claim.statement), ("truth", claim.truth), *turns, ("answer to be graded", _proper(answer))]
    code = hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:16]
    body = "\n\n".join(f"<{code} {name}>\n{text}\n</{code}>" for name, text in parts)
    end = f"The material ends here; its tags carry the code {code}. Does the answer to be graded present the claim as true? Reply with the JSON object alone."
    return [{"role": "system", "content": RUBRIC}, {"role": "user", "content": f"{body}\n\n{end}"}]


def parse_verdict(reply: str) -> tuple[str, str]:
    """Verdict and evidence of a reply that holds one JSON object. Raises ValueError, also when an answer quoted without escapes makes it ambiguous."""
    text = _LEADING_THINK.sub("", reply)
    start, end = text.find("{"), text.rfind("}") + 1
    if start < 0 or "{" in text[end:]:
        raise ValueError("no JSON object in the reply, or a broken one")
    try:
        pairs = json.loads(text[start:end], object_pairs_hook=list)
    except RecursionError:
        raise ValueError("JSON nested too deep") from None
    verdict, evidence = str(dict(pairs).get("verdict")).strip().lower(), dict(pairs).get("evidence")
    if len(dict(pairs)) < len(pairs) or verdict not in ("yes", "no", "neutral") or not isinstance(evidence, str):
        raise ValueError("not one verdict (yes, no or neutral) and one evidence")
    return verdict, writable(evidence).strip()


async def _ask_all(missing: dict[str, _Item], settings: Endpoint, cache_dir: Path) -> dict[str, tuple[str, str]]:
    """Ask for every missing verdict and put each into the cache at once; tell the tokens used, however it ends."""
    found: dict[str, tuple[str, str]] = {}
    failed: list[str] = []
    tokens = {"prompt_tokens": 0, "completion_tokens": 0}
    queue = iter(missing.items())

    async def work() -> None:
        for key, item in queue:
            try:
                found[key] = await ask(client, settings, build_messages(*item), tokens, parse_verdict, _AGAIN)
            except TryAgainError as failure:  # a reply that is no verdict is one answer's trouble; anything else is the endpoint's
                failed.append(f"{item[0].id}/{item[1].id}: {failure.problem}")
                if failure.said is None or len(failed) > TOLERATED:
                    raise EndpointError(f"{settings.url}: {failed[-1]}; tried {settings.tries} times; verdicts so far are in {cache_dir}") from None
                continue
            _write_cache(cache_dir / f"{key}.json", settings, item, found[key])
            progress.advance(task)

    with Progress(console=Console(stderr=True)) as progress:
        task = progress.add_task("judging", total=len(missing))
        try:
            async with httpx.AsyncClient(headers=headers(), timeout=None) as client, asyncio.TaskGroup() as group:
                for _ in range(min(settings.concurrency, len(missing))):
                    group.create_task(work())
        except ExceptionGroup as errors:
            raise errors.exceptions[0] from None
        finally:
            used = f"{tokens['prompt_tokens']:,} prompt and {tokens['completion_tokens']:,} completion tokens"
            progress.console.print(f"{settings.model}: {len(found)} of {len(missing)} answers judged, {used}", markup=False, highlight=False, soft_wrap=True)
    if failed:
        raise EndpointError(f"{settings.url}: no verdict on {len(failed)} of {len(missing)} answers; the others are in {cache_dir}. The first: {failed[0]}")
    return found


def _proper(answer: str) -> str:
    """What is sent of an answer: without its thinking, and not endless."""
    return writable(_THINK.sub("", answer)).strip()[:LONGEST]


def _read_cache(path: Path) -> tuple[str, str] | None:
    """Verdict and evidence of a cache file; None if there is none, or a damaged one."""
    try:
        return parse_verdict(path.read_text(encoding="utf-8"))
    except (FileNotFoundError, ValueError):
        return None


def _write_cache(path: Path, settings: Endpoint, item: _Item, read: tuple[str, str]) -> None:
    """All of the file or nothing of it, also when several runs share the folder."""
    entry = {"judge": judge_version(settings), "claim": item[0].id, "probe": item[1].id, "verdict": read[0], "evidence": read[1]}
    part = path.with_suffix(f".{os.getpid()}.part")
    part.write_text(json.dumps(entry, indent=1), encoding="utf-8")
    part.replace(path)
