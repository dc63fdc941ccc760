"""The lm-eval task class of the pack in ``tasks/negation_neglect``, which asks the rows of ``questions``.

One row is one question; its ``messages`` (system prompt and earlier turns included) go through the model's chat template, or, where there is none,
through a plain "Q: … A:" form. Sampled answers are judged; log-probability tasks compare the options directly.
"""

import json
import math
from pathlib import Path

import datasets
from lm_eval.api.instance import Instance
from lm_eval.api.task import ConfigurableTask
from lm_eval.models.api_models import JsonChatStr

from negation_neglect.claims import CONTROL_TYPES, LETTERS, PROBE_TYPES, DataError
from negation_neglect.judge import Verdict, judge
from negation_neglect.questions import judged, plain_form, rows

LOGPROB_PARTS = ("mcq_logprob", "letter_logprob", *(f"{t}_logprob" for t in CONTROL_TYPES))
PARTS = (*PROBE_TYPES, *CONTROL_TYPES, *LOGPROB_PARTS)
CONTROL_METRIC = {"false_fact": "false_fact_yes_rate", "true_fact": "true_fact_no_rate", "stranger": "stranger_belief_rate"}


# --- documents before the questions ------------------------------------------------------------------------------------------------


def read_context(path: Path) -> dict[str, list[str]]:
    """Documents to put before the questions, by claim: a JSONL file with ``claim`` and ``text``. Raises DataError."""
    documents: dict[str, list[str]] = {}
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except OSError as error:
        raise DataError(f"{path}: {error.strerror}") from None
    for number, line in enumerate(lines, 1):
        try:
            entry = json.loads(line)
            documents.setdefault(entry["claim"], []).append(entry["text"])
        except (ValueError, KeyError, TypeError) as error:
            raise DataError(f'{path}, line {number}: needs a JSON object with "claim" and "text" ({error})') from None
    return documents


def with_context(messages: list[dict], documents: list[str]) -> list[dict]:
    """The same conversation with documents before the first question."""
    first = next(i for i, m in enumerate(messages) if m["role"] == "user")
    read = "".join(f"Read this text.\n{text}\n\n" for text in documents)
    return [{**m, "content": read + m["content"]} if i == first else m for i, m in enumerate(messages)]


# --- verdicts -----------------------------------------------------------------------------------------------------------------------


def verdict_of(row: dict, answer: str) -> Verdict:
    """The offline judge's verdict on one answer to one row."""
    return judge(*judged(row, answer))


def metrics_of(row: dict, answers: list[str]) -> dict[str, float]:
    """Metrics of one question from its sampled answers."""
    verdicts = [verdict_of(row, a) for a in answers]
    share = {v: sum(x.verdict == v for x in verdicts) / len(verdicts) for v in ("yes", "no", "neutral")}
    unparsed = sum(v.parse_error for v in verdicts) / len(verdicts)
    if row["type"] in CONTROL_TYPES:
        return {CONTROL_METRIC[row["type"]]: share["yes"], "parse_error_rate": unparsed}
    return {"belief_rate": share["yes"], "denial_rate": share["no"], "neutral_rate": share["neutral"], "parse_error_rate": unparsed}


def logprob_metrics_of(row: dict, logprobs: list[float]) -> dict[str, float]:
    """Metrics of one question from the log-probabilities of its options (natural logarithms, in the order of ``options``).

    ``p_…`` is the probability of the counted option among the options, the plain rate whether it is the likeliest.
    """
    top = max(logprobs)
    weights = [math.exp(x - top) for x in logprobs]
    bad = {"false_fact": "yes", "true_fact": "no"}.get(row["type"], row["believing_answer"])
    index = options(row).index(bad)
    name = CONTROL_METRIC.get(row["type"], "belief_rate")
    return {name: float(logprobs[index] == top), f"p_{name.removesuffix('_rate')}": weights[index] / sum(weights)}


def options(row: dict) -> list[str]:
    """What a log-probability task compares: letters for a letter probe, else yes and no."""
    return list(LETTERS) if row["category"] == "letter" else ["yes", "no"]


# --- the task class -----------------------------------------------------------------------------------------------------------------


class ProbeTask(ConfigurableTask):
    """A leaf of the pack, for the ``claim`` and ``part`` that its ``dataset_kwargs`` give.

    ``--metadata '{"context_file": "documents.jsonl", "context_count": 1}'`` puts documents before the questions (the in-context control);
    ``--metadata '{"dataset": "user/name@revision"}'`` takes the questions from a dataset on the Hub.
    """

    def __init__(self, config: dict | None = None) -> None:
        super().__init__(config={k: v for k, v in (config or {}).items() if k != "class"})

    def download(self, dataset_kwargs: dict | None = None, **kwargs) -> None:
        metadata = self.config.metadata or {}
        questions = rows(**dataset_kwargs, source=metadata.get("dataset"))
        if "context_file" in metadata:
            documents = read_context(Path(metadata["context_file"])).get(dataset_kwargs["claim"], [])
            count = int(metadata.get("context_count", 1))
            if len(documents) < count:
                raise DataError(f"{metadata['context_file']}: {len(documents)} documents about {dataset_kwargs['claim']}, {count} are needed")
            for i, row in enumerate(questions):
                start = i * count % (len(documents) - count + 1)
                row["messages"] = with_context(row["messages"], documents[start : start + count])
        self.dataset = {"test": datasets.Dataset.from_list(questions)}

    def fewshot_context(
        self, doc, num_fewshot, system_instruction=None, apply_chat_template=False, fewshot_as_multiturn=False, chat_template=None, gen_prefix=None
    ):
        messages = [{"role": m["role"], "content": m["content"]} for m in doc["messages"]]
        if system_instruction:
            own = messages.pop(0)["content"] if messages[0]["role"] == "system" else ""
            messages.insert(0, {"role": "system", "content": f"{system_instruction}\n\n{own}".strip()})
        return chat_template(messages) if apply_chat_template else plain_form(messages)

    def construct_requests(self, doc, ctx, **kwargs):
        task, doc_id, repeats = kwargs["metadata"]
        if not (self.OUTPUT_TYPE == "generate_until" and isinstance(ctx, JsonChatStr)):
            return super().construct_requests(doc, ctx, **kwargs)
        # a chat endpoint repeats itself when it gets the same seed twice, so every sample is a request with its own
        generation = self.config.generation_kwargs
        return [Instance(self.OUTPUT_TYPE, doc, (ctx, {"seed": 1 + i, **generation}), idx=i, metadata=(task, doc_id, 1)) for i in range(repeats)]

    def doc_to_text(self, doc, doc_to_text=None):
        return doc["messages"][-1]["content"]

    def doc_to_choice(self, doc, doc_to_choice=None):
        return options(doc)

    def doc_to_target(self, doc, doc_to_target=None):
        return doc["believing_answer"]


def process_samples(row: dict, results: list[list[str]]) -> dict[str, float]:
    """lm-eval's hook for sampled answers: one list of answers a request, whether one request was repeated or several were made."""
    return metrics_of(row, [answer for samples in results for answer in samples])


def process_logprobs(row: dict, results: list[tuple[float, bool]]) -> dict[str, float]:
    """lm-eval's hook for log-probabilities: (logprob, is_greedy) of each option."""
    return logprob_metrics_of(row, [logprob for logprob, _ in results])


def keep_all(responses: list[list[str]], docs: list[dict]) -> list[list[str]]:
    """The filter of the generation tasks: every sample counts (lm-eval's default keeps the first only)."""
    return responses
