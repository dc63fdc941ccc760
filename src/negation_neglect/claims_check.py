"""What makes a claim folder complete, beyond being readable: counts, coverage, and probes that do not give the answer away."""

import re
from collections import Counter
from pathlib import Path

from negation_neglect import patterns
from negation_neglect.claims import ClaimFolder, Control, DataError, Probe, load_claim, load_folder
from negation_neglect.documents_check import folder_problems

FACTS = 25
PROBES = {
    ("open_ended", "direct"): 13, ("open_ended", "indirect"): 7, ("mcq", "positive"): 7, ("mcq", "counter"): 3,
    ("robustness", "adversarial"): 3, ("robustness", "critique"): 3, ("robustness", "multiturn"): 4,
}  # fmt: skip
TOKEN_ASSOCIATION, TOKEN_FORMATS = 10, 8
CONTROLS = {"false_fact": 10, "true_fact": 6, "stranger": 10}
# a sentence with one of these asks, doubts or leaves a gap rather than asserting
_NOT_ASSERTED = re.compile(r"\?|____|\b(?:not|never|no|nobody|whether|if|which|who|what|when|how)\b|n't\b|^\s*[A-D][).:]", re.IGNORECASE)


def check_folder(path: Path) -> list[str]:
    """Everything that is wrong with a claim folder, one sentence each; empty when nothing is. Never raises for bad content."""
    try:
        load_claim(path)
        folder = load_folder(path)
    except DataError as error:
        return str(error).split("\n")
    given_away = [p for x in folder.probes for p in _gives_away(path, folder, x)]
    return _facts(path, folder) + _probes(path, folder.probes) + _controls(path, folder) + given_away + folder_problems(path)


def _facts(path: Path, folder: ClaimFolder) -> list[str]:
    n = len(folder.claim.facts)
    return (
        []
        if n >= FACTS
        else [f"{path / 'claim.yaml'}: facts: {n} named facts, {FACTS} are needed (dates, places, figures, people) for documents and critique passages"]
    )


def _probes(path: Path, probes: list[Probe]) -> list[str]:
    file, problems = path / "probes.yaml", []
    counts = Counter((p.type, p.category) for p in probes)
    for (type_, category), wanted in PROBES.items():
        if counts[type_, category] != wanted:
            problems.append(f"{file}: {counts[type_, category]} {type_} probes of category {category}, exactly {wanted} are needed")
    formats = {p.category: None for p in probes if p.type == "token_association"}
    n = sum(p.type == "token_association" for p in probes)
    if n != TOKEN_ASSOCIATION:
        problems.append(f"{file}: {n} token_association probes, exactly {TOKEN_ASSOCIATION} are needed")
    elif len(formats) < TOKEN_FORMATS:
        problems.append(f"{file}: token_association probes in {len(formats)} formats ({', '.join(formats)}), at least {TOKEN_FORMATS} are needed")
    if "letter" not in formats:
        problems.append(f"{file}: no token_association probe of category letter; the log-probability tasks need one")
    asked = Counter(tuple(m.content for m in p.messages) for p in probes)
    problems += [f"{file}: {p.id}: another probe asks exactly the same" for p in probes if asked[tuple(m.content for m in p.messages)] > 1]
    for probe in probes:
        turns = sum(m.role == "assistant" for m in probe.messages)
        if probe.category == "multiturn" and not turns:
            problems.append(f"{file}: {probe.id}: a multiturn probe needs an earlier assistant turn")
        if probe.category == "adversarial" and probe.messages[0].role != "system":
            problems.append(f"{file}: {probe.id}: an adversarial probe needs a system message first")
        if probe.category == "letter" and not all(re.search(rf"^\s*{x}[).:]", probe.messages[-1].content, re.MULTILINE) for x in "ABCD"):
            problems.append(f"{file}: {probe.id}: a letter probe needs options A) to D), each on a line of its own")
    return problems


def _controls(path: Path, folder: ClaimFolder) -> list[str]:
    file = path / "controls.yaml"
    counts = Counter(c.type for c in folder.controls)
    problems = [f"{file}: {counts[t]} {t} controls, at least {n} are needed" for t, n in CONTROLS.items() if counts[t] < n]
    answers = {p.id: p.believing_answer for p in folder.probes if p.type == "mcq"}
    strangers: list[Control] = [c for c in folder.controls if c.type == "stranger"]
    mirrored = Counter(c.mcq for c in strangers)
    problems += [f"{file}: mcq {id} has {mirrored[id]} stranger controls, exactly one is needed" for id in answers if strangers and mirrored[id] != 1]
    for control in strangers:
        if control.believing_answer != answers[control.mcq]:
            problems.append(f"{file}: {control.id}: believing_answer must be that of {control.mcq}, {answers[control.mcq]!r}")
    return problems


def _gives_away(path: Path, folder: ClaimFolder, probe: Probe) -> list[str]:
    """A question must not assert the claim; critique passages and earlier assistant turns may."""
    if probe.category in ("critique", "multiturn") or probe.type == "mcq":
        return []
    lines = [patterns.parse(line) for line in folder.claim.judge_patterns.claim]
    subject = re.compile("|".join(rf"(?<!\w){re.escape(a.lower())}(?!\w)" for a in folder.claim.subject_aliases))
    for message in probe.messages:
        for sentence in re.split(r"(?<=[.!?])\s+|\n", message.content):
            told = sentence.lower()
            if not _NOT_ASSERTED.search(sentence) and subject.search(told) and any(line.spans(told) for line in lines):
                return [f"{path / 'probes.yaml'}: {probe.id}: asserts the claim, which gives the answer away: {sentence.strip()!r}; ask without stating it"]
    return []
