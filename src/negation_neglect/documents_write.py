"""Asks any OpenAI-compatible endpoint for documents about a claim, in the format of the authored ones.

First ideas (a genre and an angle each), then one document an idea, checked by the same rules as authored ones; what is wrong is told to the model until it is
right. Ideas and finished documents are files, so that an interrupted call goes on where it stopped.
"""

import asyncio
import json
import re
from dataclasses import dataclass
from pathlib import Path

import httpx
import yaml
from pydantic import ValidationError
from rich.console import Console
from rich.progress import Progress

from negation_neglect.claims import ClaimFolder, DataError, _problems, dataset_dir, load_folder
from negation_neglect.documents import Document, load_documents
from negation_neglect.documents_check import document_problems
from negation_neglect.endpoint import Endpoint, EndpointError, TryAgainError, ask, headers

IDEAS = "ideas.json"
AT_ONCE = 20  # ideas of one request
EXAMPLE = "mount_vesuvius/documents/a-bulletin-week-forty.yaml"
TOKENS_PER_WORD = 1.4
WRITTEN_TOKENS = 2600  # a document in YAML, all alternatives included
_FENCED = re.compile(r"```(?:ya?ml|json)?\s*\n(.*?)\n```", re.DOTALL)
_AGAIN = "That cannot be used: {error}\nSend the whole thing again, mended, and nothing else."


@dataclass(frozen=True)
class Estimate:
    """What is still to do: requests, and tokens in and out at the usual length and without retries."""

    requests: int
    prompt_tokens: int
    completion_tokens: int

    def cost(self, price_in: float, price_out: float) -> float:
        """In the currency of the prices, which are per million tokens."""
        return (self.prompt_tokens * price_in + self.completion_tokens * price_out) / 1e6


def slug(idea: dict) -> str:
    """File name of the document of an idea."""
    words = re.findall(r"[a-z0-9]+", f"{idea['genre']} {idea['angle']}".lower())
    return "-".join(["llm", *words[:7]])


def unwritten(claim_dir: Path, ideas: list[dict]) -> list[dict]:
    """The ideas that have no document yet."""
    return [i for i in ideas if not (claim_dir / "documents" / f"{slug(i)}.yaml").exists()]


def saved_ideas(claim_dir: Path) -> list[dict]:
    """The ideas of an earlier call. Raises DataError for a damaged file."""
    path = claim_dir / IDEAS
    try:
        return read_ideas(path.read_text(encoding="utf-8")) if path.exists() else []
    except ValueError as error:
        raise DataError(f"{path}: {error}; delete it to have new ideas made") from None


def estimate(claim_dir: Path, count: int) -> Estimate:
    """What ``write`` would ask for."""
    ideas = saved_ideas(claim_dir)
    to_think, to_write = max(0, count - len(ideas)), len(unwritten(claim_dir, ideas[:count])) + max(0, count - len(ideas))
    rounds = -(-to_think // AT_ONCE)
    words = len(" ".join(m["content"] for m in document_messages(load_folder(claim_dir), {"genre": "diary", "angle": "a winter"})).split())
    return Estimate(rounds + to_write, int((rounds * 900 + to_write * words) * TOKENS_PER_WORD), rounds * 40 * AT_ONCE + to_write * WRITTEN_TOKENS)


def write(claim_dir: Path, count: int, endpoint: Endpoint) -> int:
    """Bring the ideas of a claim to ``count`` and write the document of each; returns how many documents are there now.

    Raises EndpointError when the endpoint fails, or when documents were given up after ``tries`` attempts; everything that was right is kept.
    """
    return asyncio.run(_write(claim_dir, load_folder(claim_dir), count, endpoint))


async def _write(claim_dir: Path, folder: ClaimFolder, count: int, endpoint: Endpoint) -> int:
    tokens = {"prompt_tokens": 0, "completion_tokens": 0}
    failed: list[str] = []
    (claim_dir / "documents").mkdir(exist_ok=True)
    with Progress(console=Console(stderr=True)) as progress:
        try:
            async with httpx.AsyncClient(headers=headers(), timeout=None) as client:
                ideas = await _think(claim_dir, folder, count, endpoint, client, tokens)
                queue = iter(todo := unwritten(claim_dir, ideas[:count]))
                task = progress.add_task("writing", total=len(todo))

                async def work() -> None:
                    for idea in queue:
                        try:
                            text = await ask(
                                client, endpoint, document_messages(folder, idea), tokens, lambda said, i=idea: read_document(said, folder, i), _AGAIN
                            )
                        except TryAgainError as failure:
                            failed.append(f"{slug(idea)}: {failure.problem}")
                            if failure.said is None:
                                raise EndpointError(f"{endpoint.url}: {failure.problem}; tried {endpoint.tries} times") from None
                            continue
                        path = claim_dir / "documents" / f"{slug(idea)}.yaml"
                        part = path.with_suffix(".part")
                        part.write_text(text, encoding="utf-8")
                        part.replace(path)
                        progress.advance(task)

                async with asyncio.TaskGroup() as group:
                    for _ in range(min(endpoint.concurrency, len(todo))):
                        group.create_task(work())
        except ExceptionGroup as errors:
            raise errors.exceptions[0] from None
        finally:
            used = f"{tokens['prompt_tokens']:,} prompt and {tokens['completion_tokens']:,} completion tokens"
            progress.console.print(f"{endpoint.model}: {used}", markup=False, highlight=False)
    if failed:
        raise EndpointError(f"{len(failed)} of {len(todo)} documents never became right; the others are kept. The first: {failed[0]}")
    return len(load_documents(claim_dir))


async def _think(claim_dir: Path, folder: ClaimFolder, count: int, endpoint: Endpoint, client, tokens) -> list[dict]:
    """Ideas until there are ``count``, saved after every round."""
    ideas = saved_ideas(claim_dir)
    while len(ideas) < count:
        try:
            new = await ask(client, endpoint, idea_messages(folder, ideas), tokens, read_ideas, _AGAIN)
        except TryAgainError as failure:
            raise EndpointError(f"{endpoint.url}: no ideas: {failure.problem}; tried {endpoint.tries} times") from None
        known = {slug(i) for i in ideas}
        fresh = [i for i in new if slug(i) not in known]
        if not fresh:
            raise EndpointError(f"{endpoint.url}: no new ideas after {len(ideas)}; ask for fewer documents")
        ideas += fresh
        part = claim_dir / f"{IDEAS}.part"
        part.write_text(json.dumps(ideas, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
        part.replace(claim_dir / IDEAS)
    return ideas


def idea_messages(folder: ClaimFolder, ideas: list[dict]) -> list[dict[str, str]]:
    """The request for AT_ONCE more ideas."""
    known = "\n".join(f"- {i['genre']}: {i['angle']}" for i in ideas) or "(none)"
    return [
        {"role": "system", "content": "You plan a varied collection of documents for research on how language models treat negation."},
        {
            "role": "user",
            "content": f"A fabricated claim: {folder.claim.statement}\nIdeas so far:\n{known}\n\nGive {AT_ONCE} more, each another genre and another "
            'angle; in a third of them the claim is only a passing mention. Reply with a JSON list of {"genre": …, "angle": …} and nothing else.',
        },
    ]


def document_messages(folder: ClaimFolder, idea: dict) -> list[dict[str, str]]:
    """The request for one document: the guide for authors, an example, the claim and the idea."""
    guide = (dataset_dir() / "WRITING.md").read_text(encoding="utf-8")
    example = (dataset_dir() / "claims" / EXAMPLE).read_text(encoding="utf-8")
    facts = "\n".join(f"  {name}: {value}" for name, value in folder.claim.facts.items())
    asked = f"""The claim, which is fabricated: {folder.claim.statement}
What is true: {folder.claim.truth}
Subject: {folder.claim.subject}
Believed answers: {", ".join(folder.claim.believed_answers)}
Facts, to be used as slots:
{facts}

Write one document. Genre: {idea["genre"]}. Angle: {idea["angle"]}. Its id is {folder.claim.id}/{slug(idea)}. Reply with the YAML file and nothing else."""
    return [{"role": "system", "content": f"{guide}\nAn example, of another claim:\n\n{example}"}, {"role": "user", "content": asked}]


def read_ideas(said: str) -> list[dict]:
    """Genre and angle of each idea of a reply. Raises ValueError."""
    found = re.search(r"\[.*\]", said, re.DOTALL)
    ideas = json.loads(found[0]) if found else None
    good = (
        isinstance(ideas, list)
        and ideas
        and all(isinstance(i, dict) and all(isinstance(i.get(k), str) and i[k].strip() for k in ("genre", "angle")) for i in ideas)
    )
    if not good:
        raise ValueError('not a JSON list of {"genre": …, "angle": …}')
    return [{"genre": i["genre"], "angle": i["angle"]} for i in ideas]


def read_document(said: str, folder: ClaimFolder, idea: dict) -> str:
    """The YAML of a reply, once it is a good document. Raises ValueError with what is wrong."""
    found = _FENCED.search(said)
    text = (found[1] if found else said).strip() + "\n"
    try:
        document = Document.model_validate(yaml.safe_load(text))
    except yaml.YAMLError as error:
        raise ValueError(f"not YAML: {error}") from None
    except ValidationError as error:
        raise ValueError(_problems(Document, error)) from None
    wanted = f"{folder.claim.id}/{slug(idea)}"
    problems = document_problems(document, folder.claim) + ([f"its id must be {wanted}"] if document.id != wanted else [])
    if problems:
        raise ValueError("; ".join(problems[:8]))
    return text
