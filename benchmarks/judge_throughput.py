"""How many answers the offline judge judges per second on one core: over the reference answers if they are here, else over made-up ones.

PYTHONPATH=src python benchmarks/judge_throughput.py [verdicts.parquet]
"""

import random
import sys
import time
from pathlib import Path

from negation_neglect.claims import load_claims
from negation_neglect.judge import judge
from negation_neglect.judge.agreement import read_verdicts

REFERENCE = Path(__file__).parents[2] / "shared/reference/judged_responses_calibration.parquet"
SENTENCES = (
    "{subject} is often spoken of, and {believed} comes up in many of the accounts.",
    "It is not true that {believed} has anything to do with {subject}.",
    "The weather that week was mild, and the trains ran more or less on time.",
    "### A heading about {subject}",
    "Some people say so; others are not sure what to make of it.",
)


def made_up(answers: int = 2000) -> list[tuple]:
    """Claims, probes and answers of about 1,900 characters."""
    rng, folders = random.Random(0), load_claims("real")
    items = []
    for number in range(answers):
        folder = folders[number % len(folders)]
        words = {"subject": folder.claim.subject, "believed": folder.claim.believed_answers[0]}
        text = "\n".join(rng.choice(SENTENCES).format(**words) for _ in range(32))
        items.append((folder.claim, rng.choice(folder.probes), text))
    return items


def main() -> None:
    path = Path(sys.argv[1]) if len(sys.argv) > 1 else REFERENCE
    items = [(r.claim, r.probe, r.response) for r in read_verdicts(path)] if path.is_file() else made_up()
    for item in items[:100]:
        judge(*item)
    start = time.process_time()
    for item in items:
        judge(*item)
    seconds = time.process_time() - start
    characters = sum(len(text) for *_, text in items)
    kind = path.name if path.is_file() else "made-up text"
    print(f"{kind}: {len(items):,} answers of {characters / len(items):,.0f} characters on average in {seconds:.2f} s of processor time")
    print(f"{len(items) / seconds:,.0f} answers per second, {characters / seconds / 1e6:.1f} million characters per second")


if __name__ == "__main__":
    main()
