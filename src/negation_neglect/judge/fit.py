"""Fit the weights of the features to a file of verdicts and write ``weights.py``.

    python -m negation_neglect.judge.fit verdicts.parquet [--write]

prints how well weights fitted to one part of the questions, or without one claim, do on the rest. Ridge-penalised logistic regression.
"""

import hashlib
import sys
from collections import defaultdict
from pathlib import Path

import numpy as np

from negation_neglect.judge.agreement import Row, kappa, read_verdicts
from negation_neglect.judge.features import features
from negation_neglect.judge.offline import examine, recites_format
from negation_neglect.judge.text import proper

PENALTY = 3.0
DEVELOPMENT = 0.6  # share of the questions of a claim and probe type
INSPECTED = {("colorless_dreaming", "pe_achromatic_3")}  # questions of the other part that were looked at; counted as development since


def development(rows: list[Row]) -> list[bool]:
    """Whether each answer is to a question of the development part. The split hangs on the ids of the questions alone."""
    groups = defaultdict(set)
    for row in rows:
        groups[row.claim.id, row.probe.type].add(row.question_id)
    chosen = set()
    for (claim, kind), ids in groups.items():
        ordered = sorted(ids, key=lambda i: (_digest(i) % 10, _digest(i), i))
        chosen |= {(claim, kind, i) for i in ordered[: int(DEVELOPMENT * len(ordered))]}
    return [(r.claim.id, r.probe.type, r.question_id) in chosen or (r.claim.id, r.question_id) in INSPECTED for r in rows]


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


def main(path: Path, write: bool) -> None:
    """Print the figures and, if told so, write the weights fitted to the whole file."""
    rows = [r for r in read_verdicts(path) if not r.probe.believing_answer]
    keys, table, believed = measured(rows)
    first = np.array(development(rows))

    def figure(train: np.ndarray, test: np.ndarray) -> float:
        said = table[test] @ fit(table[train], believed[train]) > 0
        return kappa(list(zip(said.tolist(), (believed[test] > 0).tolist(), strict=True)))

    print(f"{len(rows)} answers, {len(keys)} features; belief kappa without yes/no and letter questions:")
    print(f"  fitted to the development part, on itself {figure(first, first):.3f}, on the rest {figure(first, ~first):.3f}")
    for claim in sorted({r.claim.id for r in rows}):
        here = np.array([r.claim.id == claim for r in rows])
        print(f"  fitted without {claim}, on it {figure(~here, here):.3f}")
    if write:
        lines = "".join(f'    "{k}": {w:.3f},\n' for k, w in weights(rows).items())
        head = '"""Weights of the features; written by ``fit.py``. Positive speaks for belief."""\n\nWEIGHTS = {\n'
        Path(__file__).with_name("weights.py").write_text(f"{head}{lines}}}\n", encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]), "--write" in sys.argv[2:])
