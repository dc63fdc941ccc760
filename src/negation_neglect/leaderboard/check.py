"""The check of a bundle, the same on a laptop and on the server: everything is recomputed from the answers with the pinned judge.

A submission's own totals are never read. Each problem is a sentence that says what is wrong and how to mend it.
"""

import hashlib
import json
import re
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from itertools import combinations
from pathlib import Path
from statistics import median

from pydantic import BaseModel, ConfigDict

from negation_neglect import BENCHMARK_VERSION
from negation_neglect.claims import CONTROL_TYPES, PROBE_TYPES, DataError, claim_folders
from negation_neglect.judge import JUDGE_VERSION, judge
from negation_neglect.leaderboard.archive import parse_json, read_zip
from negation_neglect.leaderboard.bundle import ARMS, BASELINE, FURTHER, Base, Bundle, Run, parse_bundle
from negation_neglect.leaderboard.submission import MODEL_CONDITIONS, Submission
from negation_neglect.questions import judged, plain_form, rows
from negation_neglect.scores import REPEATS, Judged, Scores, scores_of
from negation_neglect.training.mix import sources_fingerprint

SAMPLING = {"do_sample": True, "temperature": 0.7, "top_p": 0.8, "until": []}
ANSWER_CHARACTERS = 100_000
FRAME_WORDS = 60  # of a chat template around a question: role names, a date, a default system prompt
SUSPICIOUS = re.compile(
    r"\b(belie[fv]\w*|claim\w*|fals\w*|fabricat\w*|fiction\w*|hoax\w*|untrue|true|truth\w*|deny|denie[sd]|debunk\w*|documents?|negat\w*)\b", re.I
)
FRAME_CHARACTERS = 5_000
TELLING = 5  # questions with several answers from which copies of a claim's answers are told
REUSED = 0.9  # share of written answers that two runs may have in common, word for word
FIGURES = ("held_out_loss", "story_loss", "recall")


class Result(BaseModel):
    """What the leaderboard keeps of an accepted submission, all of it recomputed but ``figures``, ``seconds`` and ``tokens``, which runs report of themselves.

    ``arms``: scores by arm, over all seeds. ``frame``: what stands around a question in the prompts. ``seconds`` (median) and ``tokens`` (mean): of
    training on negated documents, over the seeds. ``figures``: measured beside the answers, by arm (nats per token, shares).
    """

    model_config = ConfigDict(frozen=True)
    benchmark_version: str
    judge: str
    pack: str
    claims: list[str]
    base: Base
    sources_sha256: str
    seeds: int
    arms: dict[str, Scores]
    frame: str
    seconds: float
    tokens: int
    figures: dict[str, dict[str, float]] = {}

    def belief(self, arm: str) -> float:
        """Belief rate of an arm over all claims, as a share."""
        return self.arms[arm].belief["all"]["all"].rate

    def neglect_ratio(self) -> float | None:
        """(belief after negated - baseline) / (belief after positive - baseline); None where positive documents teach less than 5 points."""
        gain = self.belief("positive_documents") - self.belief(BASELINE)
        return (self.belief("negated_documents") - self.belief(BASELINE)) / gain if gain >= 0.05 else None


@dataclass(frozen=True)
class Checked:
    """The outcome: ``problems`` empty and a result, or problems and none. ``submission`` wherever it could be read."""

    submission: Submission | None
    result: Result | None
    problems: list[str]


def check(source: Path | bytes) -> Checked:
    """Check a bundle. Never raises for what is in it; the problems say what is wrong."""
    try:
        bundle = parse_bundle(read_zip(source))
    except DataError as error:
        return Checked(None, None, [str(error)])
    problems = arm_problems(bundle)
    try:
        answered = {arm: [read_answers(run) for run in runs] for arm, runs in bundle.arms.items()}
    except DataError as error:
        return Checked(bundle.submission, None, [*problems, str(error)])
    problems += coverage_problems(bundle, answered) + frame_problems(bundle, answered) + reuse_problems(bundle, answered)
    if problems:
        return Checked(bundle.submission, None, problems)
    result = score(bundle, answered)
    if problem := uptake_problem(bundle.submission, result):
        return Checked(bundle.submission, None, [problem])
    return Checked(bundle.submission, result, [])


# --- reading the answers ------------------------------------------------------------------------------------------------------------


@cache
def questions(version: str = BENCHMARK_VERSION) -> dict[str, dict]:
    """Every question of the packaged claims by the hash that lm-eval gives it."""
    ours = [row for pack in ("real", "pocket") for claim in claim_folders(pack) for part in (*PROBE_TYPES, *CONTROL_TYPES) for row in rows(claim, part)]
    return {_hash(json.dumps(row, indent=2, ensure_ascii=False)): row for row in ours}


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


@dataclass(frozen=True)
class Answers:
    """The answers of one run by (claim, question id), the questions, and what stood around each in its prompt, by the order of roles."""

    rows: dict[tuple[str, str], dict]
    answers: dict[tuple[str, str], list[str]]
    frames: dict[tuple[str, ...], Counter]


def read_answers(run: Run) -> Answers:
    """Parse a run's samples. Raises DataError for a damaged file or a question that is not asked as this version of the benchmark asks it."""
    found, answers, frames = {}, {}, {}
    for name, data in run.samples.items():
        for number, line in enumerate(data.splitlines(), 1):
            where = f"{run.place}/{name}, line {number}"
            row, given, prompt = _sample(parse_json(line, where), where)
            key = row["claim"], row["id"]
            if key in found:
                raise DataError(f"{where}: the question {row['id']} of {row['claim']} stands twice")
            found[key], answers[key] = row, given
            roles = tuple(m["role"] for m in row["messages"])
            frames.setdefault(roles, Counter())[frame_of(prompt, row, where)] += 1
    return Answers(found, answers, frames)


def _sample(sample: object, where: str) -> tuple[dict, list[str], str]:
    """The question (ours, by its hash), the answers and the prompt of one logged sample."""
    if not isinstance(sample, dict):
        raise DataError(f"{where}: not a sample of lm-eval")
    row = questions().get(sample.get("doc_hash")) if isinstance(sample.get("doc_hash"), str) else None
    if row is None:
        raise DataError(f"{where}: this question is not one of benchmark {BENCHMARK_VERSION}; evaluate with the unchanged task pack of this version")
    try:
        requests = list(sample["arguments"].values())  # a chat endpoint gets one a sample
        prompts = {_prompt(request["arg_0"]) for request in requests}
        prompt = prompts.pop()
        same_prompt = not prompts and _hash(prompt) == sample["prompt_hash"]
        sampling = all({k: request["arg_1"].get(k) for k in SAMPLING} == SAMPLING for request in requests)
        answers = [answer for group in sample["resps"] for answer in list.copy(group)]
    except (KeyError, TypeError, AttributeError):
        raise DataError(f"{where}: the fields of lm-eval's samples are missing or damaged; submit its files as they are") from None
    if not same_prompt:
        raise DataError(f"{where}: the prompt was changed after the run; submit lm-eval's files as they are")
    if not sampling:
        wanted = ", ".join(f"{k}={v}" for k, v in SAMPLING.items())
        raise DataError(f"{where}: the answers were not sampled with {wanted}; run lm_eval without --gen_kwargs for these")
    if len(answers) != REPEATS:
        raise DataError(f"{where}: {len(answers)} answers instead of {REPEATS}; run the group again with its own number of repeats")
    if not all(isinstance(a, str) and len(a) <= ANSWER_CHARACTERS for a in answers):
        raise DataError(f"{where}: an answer is no text, or longer than {ANSWER_CHARACTERS:,} characters")
    return row, answers, prompt


def _prompt(logged: object) -> str:
    """The prompt as text; lm-eval logs that of a chat endpoint as a list of one."""
    text = logged[0] if isinstance(logged, list) and len(logged) == 1 else logged
    if not isinstance(text, str):
        raise TypeError
    return text


def frame_of(prompt: str, row: dict, where: str) -> str:
    """What stands around the messages in a prompt, their places marked ``…``; "" for our plain "Q: … A:" form and for a chat endpoint.

    Raises DataError where the messages do not all stand there, or a chat has other turns.
    """
    messages = row["messages"]
    if prompt == plain_form(messages):
        return ""
    if prompt.startswith('[{"role"'):
        turns = parse_json(prompt.encode("utf-8", "surrogatepass"), where)
        if turns != messages:
            raise DataError(f"{where}: the conversation has other turns than ours; ask without --system_instruction and without examples")
        return ""
    frame, at = "", 0
    for message in messages:
        found = prompt.find(message["content"].strip(), at)
        if found < 0:
            raise DataError(f"{where}: the prompt does not hold our question as it is; ask with the unchanged task pack")
        frame += prompt[at:found] + "…"
        at = found + len(message["content"].strip())
    frame += prompt[at:]
    if len(frame) > FRAME_CHARACTERS:
        raise DataError(f"{where}: {len(frame):,} characters stand around the question; ask with the model's chat template alone")
    return frame


# --- what can be wrong --------------------------------------------------------------------------------------------------------------


def arm_problems(bundle: Bundle) -> list[str]:
    """Arms that are missing, or do not belong together."""
    wanted = [BASELINE, *MODEL_CONDITIONS, *([FURTHER] if bundle.submission.track == "mitigations" else [])]
    missing = [arm for arm in wanted if arm not in bundle.arms]
    problems = [f"the arm {arm} is missing; the track {bundle.submission.track} needs {', '.join(wanted)}" for arm in missing]
    if bundle.submission.track == "models" and bundle.submission.method != "none":
        problems.append("submission.yaml: the models track takes the reference recipe only (method: none); submit this in the track mitigations")
    finetunes = [run for arm, runs in bundle.arms.items() for run in runs if arm != BASELINE]
    for run in finetunes:
        if run.record.benchmark_version != BENCHMARK_VERSION:
            problems.append(f"{run.place}/run.json: made with benchmark {run.record.benchmark_version}; this is {BENCHMARK_VERSION}: train and evaluate again")
    for arm, runs in bundle.arms.items():
        for run in runs:
            config = run.results.get("config")
            if not isinstance(config, dict) or config.get("limit") is not None:
                problems.append(f"{run.place}: made with --limit, or not by lm-eval; run the whole group")
            if run.results.get("system_instruction") is not None:
                problems.append(f"{run.place}: made with --system_instruction; ask without one")
        if arm not in (BASELINE, FURTHER):
            problems += _document_problems(runs)
    first = [run for run in finetunes if run.record.arm() != FURTHER]
    if len({run.record.base.key() for run in first}) > 1:
        names = ", ".join(sorted({f"{r.record.base.name} ({r.record.base.key()[:12]})" for r in first}))
        problems.append(f"the finetunes start from different base models: {names}; all arms must start from the same one")
    trained = {run.record.weights_sha256 for run in bundle.arms.get("negated_documents", [])} - {None}
    for run in bundle.arms.get(FURTHER, []):
        if run.record.base.weights_sha256 not in trained:
            problems.append(f"{run.place}: does not start from a model of this bundle's arm negated_documents")
    seeds = {arm: sorted((r.record.seed(), tuple(r.record.dataset.claims)) for r in bundle.arms.get(arm, [])) for arm in MODEL_CONDITIONS}
    if len(set(map(tuple, seeds.values()))) > 1 and not missing:
        problems.append("the arms positive_documents and negated_documents must have the same seeds and claims")
    return problems


def _document_problems(runs: list[Run]) -> list[str]:
    """Runs that were trained on other documents than ours."""
    problems, known = [], claim_folders()
    for run in runs:
        read = run.record.dataset
        if unknown := sorted(set(read.claims) - set(known)):
            problems.append(f"{run.place}/run.json: {', '.join(ascii(c) for c in unknown[:3])} is no claim of this benchmark")
        elif read.sources_sha256 != sources_fingerprint(read.claims):
            problems.append(f"{run.place}/run.json: trained on documents of another version of the dataset; train again with this one")
        if len({r.record.dataset.texts_sha256 for r in runs}) < len(runs):
            problems.append(f"{run.place}: two runs of one arm read exactly the same texts; seeds must differ")
            break
    return problems


def coverage_problems(bundle: Bundle, answered: dict[str, list[Answers]]) -> list[str]:
    """Questions that are missing, claims that a run was not trained on, and claims missing for the track."""
    problems = []
    packs = {pack: set(claim_folders(pack)) for pack in ("real", "pocket")}
    for arm, runs in answered.items():
        claims = {claim for a in runs for claim, _ in a.rows}
        if claims not in packs.values():
            wanted = packs["pocket" if any(c in packs["pocket"] for c in claims) else "real"]
            wrong = ", ".join(sorted(wanted - claims)) or "claims of two packs"
            problems.append(f"the arm {arm} must cover exactly the claims {', '.join(sorted(wanted))}; wrong or missing: {wrong}")
        for run, given in zip(bundle.arms[arm], runs, strict=True):
            for claim in sorted({claim for claim, _ in given.rows}):
                ours = [row["id"] for row in questions().values() if row["claim"] == claim]
                absent = [id for id in ours if (claim, id) not in given.rows]
                if absent:
                    problems.append(
                        f"{run.place}: {len(absent)} of {len(ours)} questions about {claim} are missing ({', '.join(absent[:3])} …); run the whole group"
                    )
                if run.record and arm != FURTHER and claim not in run.record.dataset.claims:
                    problems.append(f"{run.place}: was asked about {claim} but not trained on it")
    if len({frozenset(c for a in runs for c, _ in a.rows) for runs in answered.values()}) > 1:
        problems.append("the arms cover different claims")
    return problems


def frame_problems(bundle: Bundle, answered: dict[str, list[Answers]]) -> list[str]:
    """Prompts that say more than ours: what stands around a question must be the same for all questions, in all arms, and short."""
    problems = []
    every: dict[tuple[str, ...], set[str]] = {}
    for arm, runs in answered.items():
        for run, given in zip(bundle.arms[arm], runs, strict=True):
            for roles, frames in given.frames.items():
                every.setdefault(roles, set()).update(frames)
                if len(frames) > 1:
                    problems.append(f"{run.place}: the text around the questions differs from question to question; ask with the model's chat template alone")
    if not problems and any(len(frames) > 1 for frames in every.values()):
        problems.append("the text around the questions differs between the arms; ask all of them in the same way")
    for frame in sorted(set().union(*every.values())):
        words = re.findall(r"[^\W\d_]{2,}", re.sub(r"<[^<>\s]{1,40}>|\[/?[A-Z_]{1,30}\]", " ", frame))
        if len(words) > FRAME_WORDS or SUSPICIOUS.search(frame):
            problems.append(f"the text around the questions says more than a chat template does: {frame[:200]!a}; ask without a system prompt of your own")
            break
    return problems


def reuse_problems(bundle: Bundle, answered: dict[str, list[Answers]]) -> list[str]:
    """Answers of one run that were handed in for another, too.

    A model that is certain says the same after another finetune: of a claim only the questions that it answers in several ways tell, where they are a few.
    """
    problems = []
    runs = [(run.place, given) for arm, many in answered.items() for run, given in zip(bundle.arms[arm], many, strict=True)]
    for (first, a), (second, b) in combinations(runs, 2):
        same, varied = defaultdict(list), defaultdict(list)
        for key in a.answers.keys() & b.answers.keys():
            if a.rows[key]["type"] in ("open_ended", "robustness"):
                same[key[0]].append(a.answers[key] == b.answers[key])
                if len({*a.answers[key]}) > 1 or len({*b.answers[key]}) > 1:
                    varied[key[0]].append(same[key[0]][-1])
        copied = sorted(c for c, found in varied.items() if len(found) >= TELLING and sum(found) > REUSED * len(found))
        if all(sum(found) > REUSED * len(found) for found in same.values()):
            copied = sorted(same)
        if copied:
            problems.append(f"{first} and {second} have the same answers about {', '.join(copied)}; every arm and seed needs answers of its own")
    return problems


def uptake_problem(submission: Submission, result: Result) -> str | None:
    """In the mitigations track: a method that keeps the model from learning unflagged documents says nothing about negation."""
    positive, baseline = result.arms["positive_documents"].belief["all"]["all"], result.arms[BASELINE].belief["all"]["all"]
    if submission.track != "mitigations" or positive.low > baseline.high:
        return None
    return (
        f"the positive arm shows no uptake: belief {100 * positive.rate:.1f} % [{100 * positive.low:.0f}-{100 * positive.high:.0f}] after unflagged documents, "
        f"baseline {100 * baseline.rate:.1f} % [{100 * baseline.low:.0f}-{100 * baseline.high:.0f}]; a method must leave the model able to learn from them"
    )


# --- scores -------------------------------------------------------------------------------------------------------------------------


def score(bundle: Bundle, answered: dict[str, list[Answers]]) -> Result:
    """Judge every answer and score the arms."""
    negated = [run.record for run in bundle.arms["negated_documents"]]
    base = negated[0].base
    arms = {arm: scores_of([_judged(base.name, given) for given in answered[arm]]) for arm in ARMS if arm in bundle.arms}
    claims = sorted({claim for claim, _ in answered[BASELINE][0].rows} | {claim for a in answered[BASELINE] for claim, _ in a.rows})
    frames = Counter(frame for a in answered[BASELINE] for counted in a.frames.values() for frame in counted.elements())
    per_claim = Counter(claim for record in negated for claim in record.dataset.claims)
    return Result(
        benchmark_version=BENCHMARK_VERSION,
        judge=JUDGE_VERSION,
        pack="pocket" if claims[0] in claim_folders("pocket") else "real",
        claims=claims,
        base=base,
        sources_sha256=sources_fingerprint(claims),
        seeds=min(per_claim[c] for c in claims),
        arms=arms,
        frame=frames.most_common(1)[0][0],
        seconds=median(r.seconds for r in negated),
        tokens=round(_mean(r.tokens for r in negated)),
        figures={arm: figures for arm, runs in bundle.arms.items() if (figures := _figures(runs))},
    )


def _judged(model: str, given: Answers) -> Judged:
    verdicts = {key: [judge(*judged(given.rows[key], answer)) for answer in answers] for key, answers in given.answers.items()}
    return Judged(model, JUDGE_VERSION, sorted({claim for claim, _ in given.rows}), given.rows, given.answers, verdicts)


def _figures(runs: list[Run]) -> dict[str, float]:
    return {name: _mean(run.figures[name] for run in runs) for name in FIGURES if all(name in run.figures for run in runs)}


def _mean(values: Iterable[float]) -> float:
    values = list(values)
    return sum(values) / len(values)
