"""Any judge against any file of verdicts: agreement, Cohen's kappa, belief rates, and the disagreements one by one."""

import html
import json
from collections import defaultdict
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import pandas as pd
from pydantic import BaseModel
from rich.table import Table

from negation_neglect.claims import Claim, DataError, Message, Probe, claim_folder, load_claim
from negation_neglect.judge.offline import judge as offline_judge
from negation_neglect.judge.verdict import Verdict

COLUMNS = ("claim", "condition", "probe_type", "category", "question_id", "question", "response", "verdict")
VERDICTS = ("yes", "no", "neutral")
OLD_NAMES = {"multiple_choice": "mcq"}  # the reference file's
BELIEVING = {"positive": "yes", "counter": "no"}


class Row(NamedTuple):
    """One answer of a file of verdicts."""

    claim: Claim
    condition: str
    question_id: str
    probe: Probe
    response: str
    verdict: str


class Group(BaseModel):
    """Agreement over some of the answers."""

    answers: int
    belief_agreement: float
    belief_kappa: float
    verdict_agreement: float
    verdict_kappa: float


class Cell(BaseModel):
    """Belief rates of one claim under one condition."""

    claim: str
    condition: str
    answers: int
    reference: float
    judged: float


class Disagreement(BaseModel):
    """An answer on which the two differ."""

    claim: str
    condition: str
    probe_type: str
    question_id: str
    question: str
    response: str
    reference: str
    judged: str
    evidence: str


class Agreement(BaseModel):
    """What a comparison found."""

    overall: Group
    by_claim: dict[str, Group]
    by_probe_type: dict[str, Group]
    by_condition: dict[str, Group]
    cells: list[Cell]
    confusion: dict[str, dict[str, int]]
    disagreements: list[Disagreement]


def read_verdicts(path: Path) -> list[Row]:
    """Read a parquet or JSON-lines file of verdicts. Raises DataError naming the file and what is missing in it."""
    try:
        table = pd.read_json(path, lines=True, dtype=False) if path.suffix in (".jsonl", ".json") else pd.read_parquet(path)
    except FileNotFoundError:
        raise DataError(f"{path}: no such file") from None
    except Exception as error:
        raise DataError(f"{path}: not readable as {'JSON lines' if path.suffix in ('.jsonl', '.json') else 'parquet'}: {error}") from None
    if missing := [c for c in COLUMNS if c not in table.columns]:
        raise DataError(f"{path}: column {', '.join(map(repr, missing))} missing; it has {', '.join(map(repr, table.columns))}")
    claims = {name: load_claim(claim_folder(str(name))) for name in table["claim"].unique()}
    rows = []
    for number, entry in enumerate(table.to_dict("records"), 1):
        try:
            rows.append(_row(claims, entry))
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise DataError(f"{path}: row {number}: {error}") from None
    return rows


def _row(claims: dict[str, Claim], entry: dict[str, Any]) -> Row:
    if entry["verdict"] not in VERDICTS:
        raise ValueError(f"verdict {entry['verdict']!r} is not one of {', '.join(VERDICTS)}")
    kind = OLD_NAMES.get(entry["probe_type"], entry["probe_type"])
    if kind == "mcq" and entry["category"] not in BELIEVING:
        raise ValueError(f"category of a yes/no question must be {' or '.join(BELIEVING)}, not {entry['category']!r}")
    earlier = entry.get("messages_prefix")
    if isinstance(earlier, str):
        earlier = json.loads(earlier) if earlier else []
    elif earlier is None or isinstance(earlier, float):  # an empty cell
        earlier = []
    system = [{"role": "system", "content": entry["system_prompt"]}] if isinstance(entry.get("system_prompt"), str) and entry["system_prompt"] else []
    turns = [Message.model_validate(m) for m in [*system, *earlier, {"role": "user", "content": entry["question"]}]]
    believing = BELIEVING.get(entry["category"]) if kind == "mcq" else None
    # not validated as our own probes are: ids and categories of other files may be spelt otherwise
    probe = Probe.model_construct(id=str(entry["question_id"]), type=kind, category=str(entry["category"]), messages=turns, believing_answer=believing)
    response = entry["response"] if isinstance(entry["response"], str) else ""
    return Row(claims[entry["claim"]], str(entry["condition"]), str(entry["question_id"]), probe, response, entry["verdict"])


def compare(rows: Iterable[Row], judged: Sequence[Verdict] | None = None) -> Agreement:
    """Compare verdicts, the offline judge's by default, with those that the rows came with. Raises DataError when there are no rows."""
    rows = list(rows)
    if not rows:
        raise DataError("no answers to compare")
    if judged is None:
        judged = [offline_judge(r.claim, r.probe, r.response) for r in rows]
    pairs = [(r.verdict, v.verdict) for r, v in zip(rows, judged, strict=True)]
    by: dict[str, dict[str, list]] = {"claim": defaultdict(list), "type": defaultdict(list), "condition": defaultdict(list)}
    cells = defaultdict(list)
    for row, pair in zip(rows, pairs, strict=True):
        by["claim"][row.claim.id].append(pair)
        by["type"][row.probe.type].append(pair)
        by["condition"][row.condition].append(pair)
        cells[row.claim.id, row.condition].append(pair)
    return Agreement(
        overall=_group(pairs),
        by_claim={k: _group(v) for k, v in sorted(by["claim"].items())},
        by_probe_type={k: _group(v) for k, v in sorted(by["type"].items())},
        by_condition={k: _group(v) for k, v in sorted(by["condition"].items())},
        cells=[
            Cell(claim=c, condition=d, answers=len(v), reference=_share(a for a, _ in v), judged=_share(b for _, b in v)) for (c, d), v in sorted(cells.items())
        ],
        confusion={a: {b: pairs.count((a, b)) for b in VERDICTS} for a in VERDICTS},
        disagreements=[_disagreement(r, v) for r, v in zip(rows, judged, strict=True) if r.verdict != v.verdict],
    )


def kappa(pairs: list[tuple[Any, Any]]) -> float:
    """Cohen's kappa; 1 when both sides say one and the same thing throughout."""
    n = len(pairs)
    agreed = sum(a == b for a, b in pairs) / n
    labels = {x for pair in pairs for x in pair}
    chance = sum(sum(a == x for a, _ in pairs) * sum(b == x for _, b in pairs) for x in labels) / n**2
    return 1.0 if chance == 1 else (agreed - chance) / (1 - chance)


def _group(pairs: list[tuple[str, str]]) -> Group:
    belief = [(a == "yes", b == "yes") for a, b in pairs]
    agreed = [sum(a == b for a, b in x) / len(x) for x in (belief, pairs)]
    return Group(answers=len(pairs), belief_agreement=agreed[0], belief_kappa=kappa(belief), verdict_agreement=agreed[1], verdict_kappa=kappa(pairs))


def _share(verdicts: Iterable[str]) -> float:
    counted = [v == "yes" for v in verdicts]
    return sum(counted) / len(counted)


def _disagreement(row: Row, verdict: Verdict) -> Disagreement:
    return Disagreement(
        claim=row.claim.id, condition=row.condition, probe_type=row.probe.type, question_id=row.question_id, question=row.probe.messages[-1].content,
        response=row.response, reference=row.verdict, judged=verdict.verdict, evidence=verdict.evidence,
    )  # fmt: skip


def table(found: Agreement) -> Table:
    """The figures, for a terminal."""
    view = Table("", "answers", "belief agreement", "belief kappa", "verdict agreement", "verdict kappa")
    for title, groups in (("", {"all": found.overall}), ("claim", found.by_claim), ("probe type", found.by_probe_type), ("condition", found.by_condition)):
        for name, g in groups.items():
            figures = (f"{x:.3f}" for x in (g.belief_agreement, g.belief_kappa, g.verdict_agreement, g.verdict_kappa))
            view.add_row(f"{title} {name}".strip(), str(g.answers), *figures)
        view.add_section()
    return view


def cell_table(found: Agreement) -> Table:
    """Belief rates of every claim under every condition, for a terminal, the widest apart first."""
    view = Table("claim", "condition", "answers", "reference", "judged", "difference")
    for cell in sorted(found.cells, key=lambda c: -abs(c.judged - c.reference)):
        figures = f"{cell.reference:.1%}", f"{cell.judged:.1%}", f"{100 * (cell.judged - cell.reference):+.1f}"
        view.add_row(cell.claim, cell.condition, str(cell.answers), *figures)
    return view


def report(found: Agreement) -> str:
    """A self-contained page of the disagreements; everything in it is escaped."""
    g = found.overall
    heads = "".join(f"<option>{html.escape(c)}</option>" for c in found.by_claim)
    return _PAGE.format(
        answers=g.answers, kappa=f"{g.belief_kappa:.3f}", agreement=f"{g.verdict_agreement:.1%}", claims=heads, n=len(found.disagreements),
        items="\n".join(map(_item, found.disagreements)),
    )  # fmt: skip


def _item(d: Disagreement) -> str:
    shown = html.escape(d.response)
    evidence = html.escape(d.evidence)
    if evidence and evidence in shown:
        shown = shown.replace(evidence, f"<mark>{evidence}</mark>", 1)
    crossed = "belief" if "yes" in (d.reference, d.judged) else "other"
    facts = " · ".join(html.escape(x) for x in (d.claim, d.condition, d.probe_type, d.question_id))
    return (
        f'<details data-claim="{html.escape(d.claim)}" data-kind="{crossed}">'
        f"<summary><b>{html.escape(d.reference)}</b> judged <b>{html.escape(d.judged)}</b> · {facts}</summary>"
        f"<p class=q>{html.escape(d.question)}</p><p class=e>{evidence or '(no sentence)'}</p><pre>{shown}</pre></details>"
    )


_PAGE = """<!doctype html><html lang=en><meta charset=utf-8><title>Judge disagreements</title>
<style>
body{{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;color:#222;background:#fff}} summary{{cursor:pointer;padding:.3rem 0}}
pre{{white-space:pre-wrap;background:#f6f6f6;padding:1rem}} .q{{font-style:italic;white-space:pre-wrap}} .e{{border-left:3px solid #b50;padding-left:.7rem}}
mark{{background:#fd8}} select{{font:inherit}}
</style>
<h1>{n} disagreements in {answers} answers</h1>
<p>Belief kappa {kappa}, same verdict {agreement}. Each line: the file's verdict, the judge's, and where; open it for the question, the sentence that decided
and the answer.</p>
<p><select id=c><option value="">all claims</option>{claims}</select>
<select id=k><option value="">all</option><option value=belief>belief differs</option></select></p>
{items}
<script>
const hide = d => c.value && d.dataset.claim !== c.value || k.value && d.dataset.kind !== k.value;
const show = () => document.querySelectorAll("details").forEach(d => d.hidden = hide(d));
c.onchange = k.onchange = show;
</script></html>
"""
