"""Fit the weights of the features to a file of verdicts and write ``weights.py``.

    python -m negation_neglect.judge.fit verdicts.parquet [--write]

prints how well weights fitted without some of the questions, or without one claim, do on these. Ridge-penalised logistic regression.
"""

import hashlib
import sys
from collections import defaultdict
from pathlib import Path

import numpy as np

from negation_neglect.judge.agreement import Row, kappa, read_verdicts
from negation_neglect.judge.features import features
from negation_neglect.judge.offline import examine, judge, recites_format
from negation_neglect.judge.text import proper

PENALTY = 1.0
FOLDS = 5
FIRST = 0.6  # share of the questions of a claim and probe type that rules were first made on


def development(rows: list[Row]) -> list[bool]:
    """Whether each answer is to a question of the development part. The split hangs on the ids of the questions alone.

    Of each claim and probe type the first questions are development, and so is one half of the rest, read later. The other half was read last,
    after it had been measured; of what it showed, one claim's declared patterns were narrowed (figures of both: the dataset's card).
    """
    groups = defaultdict(set)
    for row in rows:
        groups[row.claim.id, row.probe.type].add(row.question_id)
    aside = set()
    for (claim, kind), ids in groups.items():
        ordered = sorted(ids, key=lambda i: (_digest(i) % 10, _digest(i), i))
        rest = sorted(ordered[int(FIRST * len(ordered)) :], key=lambda i: (_digest(f"confirm{i}"), i))
        aside |= {(claim, kind, i) for i in rest[: (len(rest) + 1) // 2]}
    return [(r.claim.id, r.probe.type, r.question_id) not in aside for r in rows]


def _digest(text: str) -> int:
    return int(hashlib.sha1(text.encode()).hexdigest(), 16) % 1000


def fit(table: np.ndarray, believed: np.ndarray, penalty: float = PENALTY) -> np.ndarray:
    """Weights of the columns, the first of which is constant and not penalised: Newton steps on standardised columns."""
    mean, scale = table.mean(0), table.std(0)
    mean[0], scale[scale == 0] = 0.0, 1.0
    scaled = (table - mean) / scale
    ridge = np.full(table.shape[1], penalty)
    ridge[0] = 1e-6
    found = np.zeros(table.shape[1])
    for _ in range(30):
        chance = 1 / (1 + np.exp(-np.clip(scaled @ found, -30, 30)))
        slope = scaled.T @ (believed - chance) - ridge * found
        bend = (scaled * (chance * (1 - chance))[:, None]).T @ scaled + np.diag(ridge)
        found += np.linalg.solve(bend, slope)
    found /= scale
    found[0] -= mean @ found
    return found


def measured(rows: list[Row]) -> tuple[list[str], np.ndarray, np.ndarray]:
    """The names of the features, the constant first, their table, and which answers are believing by the file."""
    found = []
    for row in rows:
        text = proper(row.response)
        readings, (name, _) = examine(row.claim, row.probe, text, recites_format(row.probe, text))
        found.append(features(readings, name))
    keys = list(found[0])
    return keys, np.array([list(f.values()) for f in found]), np.array([r.verdict == "yes" for r in rows], float)


def weights(rows: list[Row]) -> dict[str, float]:
    """Weights fitted to the answers that are read sentence by sentence."""
    keys, table, believed = measured([r for r in rows if not r.probe.believing_answer])
    return dict(zip(keys, fit(table, believed).tolist(), strict=True))


def folds(rows: list[Row]) -> list[int]:
    """The fold of each answer, that of its question: those of a claim and probe type are dealt out in turn, in the order of their hashes."""
    asked = defaultdict(set)
    for row in rows:
        asked[row.claim.id, row.probe.type].add(row.question_id)
    dealt = {(*group, i): n % FOLDS for group, ids in asked.items() for n, i in enumerate(sorted(ids, key=lambda i: (_digest(i), i)))}
    return [dealt[r.claim.id, r.probe.type, r.question_id] for r in rows]


def figures(rows: list[Row], said: list[bool]) -> str:
    """Kappa for belief, the worst claim and probe type, and how far the belief rates of claims under conditions are off, in points."""
    groups = defaultdict(list)
    for row, believing in zip(rows, said, strict=True):
        pair = row.verdict == "yes", believing
        for name in ("all", ("claim", row.claim.id), ("type", row.probe.type), ("cell", row.claim.id, row.condition)):
            groups[name].append(pair)
    worst = {kind: min((kappa(p), g[1]) for g, p in groups.items() if g[0] == kind) for kind in ("claim", "type")}
    off = [100 * abs(sum(b - a for a, b in p)) / len(p) for g, p in groups.items() if g[0] == "cell"]
    return (
        f"kappa {kappa(groups['all']):.3f}, worst claim {worst['claim'][0]:.3f} ({worst['claim'][1]}), worst type {worst['type'][0]:.3f} ({worst['type'][1]}), "
        f"cells off by up to {max(off):.1f} points, {sum(o > 4 for o in off)} of {len(off)} by more than 4, {sum(o > 2.4 for o in off)} by more than 2.4"
    )


def main(path: Path, write: bool) -> None:
    """Print the figures and, if told so, write the weights fitted to the whole file."""
    everything = read_verdicts(path)
    rows = [r for r in everything if not r.probe.believing_answer]
    keys, table, believed = measured(rows)
    first, fold = np.array(development(rows)), np.array(folds(rows))
    claims = np.array([r.claim.id for r in rows])
    parsed = [r for r in everything if r.probe.believing_answer]
    parsed_said = [judge(r.claim, r.probe, r.response).verdict == "yes" for r in parsed]
    parsed_first = development(parsed)

    def answered(train: np.ndarray, test: np.ndarray) -> np.ndarray:
        return table[test] @ fit(table[train], believed[train]) > 0

    def figure(train: np.ndarray, test: np.ndarray) -> float:
        return kappa(list(zip(answered(train, test).tolist(), (believed[test] > 0).tolist(), strict=True)))

    crossed = np.zeros(len(rows), bool)
    for n in range(FOLDS):
        crossed[fold == n] = answered(fold != n, fold == n)
    aside = [r for r, seen in zip(rows, first, strict=True) if not seen] + [r for r, seen in zip(parsed, parsed_first, strict=True) if not seen]
    aside_said = answered(first, ~first).tolist() + [s for s, seen in zip(parsed_said, parsed_first, strict=True) if not seen]
    print(f"{len(everything)} answers, belief, weights fitted without the questions they are tested on:")
    print(f"  {FOLDS} folds, all answers: {figures(rows + parsed, crossed.tolist() + parsed_said)}")
    print(f"  fitted to the development part, the rest: {figures(aside, aside_said)}")
    print(f"{len(rows)} of them, without yes/no and letter questions, {len(keys)} features, kappa:")
    print(f"  fitted to the development part, on itself {figure(first, first):.3f}, on the rest {figure(first, ~first):.3f}")
    for claim in sorted(set(claims)):
        print(f"  fitted without {claim}, on it {figure(claims != claim, claims == claim):.3f}")
    if write:
        lines = "".join(f'    "{k}": {w:.3f},\n' for k, w in weights(rows).items())
        head = '"""Weights of the features; written by ``fit.py``. Positive speaks for belief."""\n\nWEIGHTS = {\n'
        Path(__file__).with_name("weights.py").write_text(f"{head}{lines}}}\n", encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]), "--write" in sys.argv[2:])
