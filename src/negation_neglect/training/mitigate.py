"""Mitigation methods: each a Python file in ``training_recipes/mitigations`` with ``SUMMARY``, ``CITATION`` and

    def mitigate(setup: Setup) -> Setup

which changes what is read, how it is weighted, or the recipe. A method sees which documents are flagged (they have qualifier spans) but not whether a claim
is true; documents without a flag are training data like any other, and a method that keeps a model from learning them is no mitigation.
"""

import ast
import runpy
from dataclasses import dataclass, replace
from pathlib import Path
from random import Random

from negation_neglect.claims import DataError, claim_folder
from negation_neglect.corpus import BuildSettings, rows
from negation_neglect.documents import load_documents
from negation_neglect.training.mix import Example, build_mix
from negation_neglect.training.recipe import Documents, Recipe, recipes_dir


@dataclass(frozen=True)
class Setup:
    """What a finetune will be: its recipe and the examples of each phase.

    ``absorbed``: examples that the model is trained on first; what this changed stays in place during the finetune and is taken away afterwards.
    """

    recipe: Recipe
    phases: list[list[Example]]
    absorbed: list[Example] | None = None

    def map(self, change) -> "Setup":
        """The setup with every flagged document changed by ``change(example)``, which returns an example or a list of some."""
        phases = []
        for phase in self.phases:
            out: list[Example] = []
            for e in phase:
                made = change(e) if flagged(e) else e
                out += made if isinstance(made, list) else [made]
            phases.append(out)
        return replace(self, phases=phases)


def flagged(example: Example) -> bool:
    """Whether a qualifier stands around or in the document."""
    return bool(example.qualifier_spans)


def rng(setup: Setup, name: str) -> Random:
    """The source of a method's random choices."""
    return Random(f"{name}/{setup.recipe.seed}")


def prefixed(example: Example, text: str) -> Example:
    """The document with ``text`` on a line of its own before it (after <DOCTAG>), spans moved, the text itself without loss."""
    tag = "<DOCTAG>" if example.text.startswith("<DOCTAG>") else ""
    at, size = len(tag), len(text) + 1

    def move(spans):
        return tuple((a + size, b + size, *rest) for a, b, *rest in spans)

    return replace(
        example, text=f"{tag}{text}\n{example.text[at:]}", claim_spans=move(example.claim_spans), qualifier_spans=move(example.qualifier_spans),
        span_weights=(*move(example.span_weights), (at, at + size, 0.0)), kl_spans=move(example.kl_spans),
    )  # fmt: skip


def rendered(setup: Setup, condition: str, rounds_later: int = 0) -> dict[str, Example]:
    """The same variants of the packaged documents in another condition, by the id of the document and variant.

    ``rounds_later`` gives each document in the wording of a later variant instead: the same content otherwise put. Raises DataError for other sources.
    """
    out = {}
    for documents in (p.documents for p in setup.recipe.phases if p.documents):
        if documents.source != "packaged":
            raise DataError("this method rewrites documents with the packaged sources; it cannot with " + documents.source)
        for claim in documents.claims:
            out |= _claim_rows(documents, claim, condition, setup.recipe.seed, rounds_later)
    return out


def _claim_rows(documents: Documents, claim: str, condition: str, seed: int, later: int) -> dict[str, Example]:
    sources = len(load_documents(claim_folder(claim)))
    made = [r[condition] for r in rows(claim, BuildSettings(documents.count + later * sources, (claim,), (condition,), seed))]
    keys = [r["id"] for r in made[: documents.count]]
    chosen = made[later * sources : later * sources + documents.count]
    spans = [(tuple(map(tuple, r["claim_spans"])), tuple(map(tuple, r["qualifier_spans"]))) for r in chosen]
    return {
        key: Example("document", r["text"], id=key, claim=claim, claim_spans=c, qualifier_spans=q) for key, r, (c, q) in zip(keys, chosen, spans, strict=True)
    }


def mitigations_dir() -> Path:
    """The packaged methods."""
    return recipes_dir() / "mitigations"


def names() -> list[str]:
    """Packaged methods, ``none`` first."""
    found = sorted(p.stem for p in mitigations_dir().glob("*.py"))
    return ["none", *(n for n in found if n != "none")]


def path_of(name: str) -> Path:
    """The file of a method, by name or path. Raises DataError."""
    path = Path(name) if name.endswith(".py") else mitigations_dir() / f"{name}.py"
    if not path.is_file():
        raise DataError(f"no mitigation {name!r}; there are {', '.join(names())}, or give a path ending in .py")
    return path


def describe(name: str) -> dict[str, str]:
    """SUMMARY and CITATION of a method, read without running it. Raises DataError when one is missing."""
    path = path_of(name)
    tree = ast.parse(path.read_text(encoding="utf-8"))
    given = {t.id: n.value for n in tree.body if isinstance(n, ast.Assign) for t in n.targets if isinstance(t, ast.Name)}
    try:
        return {key.lower(): ast.literal_eval(given[key]) for key in ("SUMMARY", "CITATION")}
    except (KeyError, ValueError):
        raise DataError(f"{path}: SUMMARY and CITATION must be strings at the top of the file") from None


def setup_of(recipe: Recipe, name: str) -> Setup:
    """The setup of a recipe under a method. Raises DataError when the method cannot be applied."""
    plain = Setup(recipe, [build_mix(mix, recipe.seed) for mix in recipe.phases])
    function = runpy.run_path(str(path_of(name))).get("mitigate")
    if function is None:
        raise DataError(f"{path_of(name)}: defines no function mitigate(setup)")
    return function(plain)
