"""The questions of the benchmark as plain rows, and what a judge is given for an answer to one."""

from functools import cache

from negation_neglect.claims import CONTROL_TYPES, PROBE_TYPES, Claim, ClaimFolder, Probe, claim_folder, hub_folder, load_folder

BARE_YES_NO = "Answer with yes or no only."


def rows(claim: str, part: str, source: str | None = None) -> list[dict]:
    """The questions of one leaf task, in file order: plain dicts of strings, and ``messages`` as a list of role and content.

    ``part`` is a probe type, a control type, or one of LOGPROB_PARTS; ``source`` a dataset on the Hub, ``user/name@revision``, instead of the packaged data.
    Raises DataError for an unknown claim.
    """
    folder = hub_folder(source, claim) if source else load_folder(claim_folder(claim))
    base = part.removesuffix("_logprob")
    yes_no_format = BARE_YES_NO if part.endswith("_logprob") else folder.claim.yes_no_format
    if base in CONTROL_TYPES:
        return [
            _row(folder, c.id, base, base, [{"role": "user", "content": f"{c.question} {yes_no_format}"}], c.believing_answer)
            for c in folder.controls
            if c.type == base
        ]
    chosen = [p for p in folder.probes if (p.category if base == "letter" else p.type) == base]
    return [_row(folder, p.id, p.type, p.category, messages_of(p, yes_no_format), p.believing_answer) for p in chosen]


def _row(folder: ClaimFolder, id: str, type: str, category: str, messages: list[dict], believing_answer: str | None) -> dict:
    row = {"claim": folder.claim.id, "id": id, "type": type, "category": category, "messages": messages}
    return {**row, "believing_answer": believing_answer or ""}


def messages_of(probe: Probe, yes_no_format: str) -> list[dict]:
    """The conversation as plain dicts; an mcq question is followed by the format in which to answer."""
    messages = [m.model_dump() for m in probe.messages]
    if probe.type == "mcq":
        messages[-1]["content"] += " " + yes_no_format
    return messages


def plain_form(messages: list[dict]) -> str:
    """ "Q: … A: …" for models without a chat template; a system prompt stands on top."""
    head = {"system": "", "user": "Q: ", "assistant": "A: "}
    return "\n\n".join(head[m["role"]] + m["content"] for m in messages) + "\n\nA:"


@cache
def _probe(claim: str, id: str) -> Probe:
    return next(p for p in load_folder(claim_folder(claim)).probes if p.id == id)


def judged(row: dict, answer: str) -> tuple[Claim, Probe, str]:
    """What a judge is given for one answer to one row. For a control, believing is to give the answer that counts against the model."""
    claim = load_folder(claim_folder(row["claim"])).claim
    if row["type"] in PROBE_TYPES:
        return claim, _probe(row["claim"], row["id"]), answer
    bad = {"false_fact": "yes", "true_fact": "no", "stranger": row["believing_answer"]}[row["type"]]
    asked = {"id": row["id"], "type": "mcq", "category": "positive", "messages": row["messages"], "believing_answer": bad}
    return claim, Probe.model_validate(asked), answer
