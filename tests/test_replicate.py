"""The replication and its report, cut down to one claim and a few documents."""

import json

import pytest

from negation_neglect import replicate
from negation_neglect.claims import DataError
from negation_neglect.conditions import DOCTAG
from negation_neglect.replicate_report import cell, effects, neglect_ratio, table
from negation_neglect.training.recipe import load_recipe, with_data

CLAIM = "pocket_rebrand"


@pytest.fixture
def recipe(tmp_path):
    small = with_data(load_recipe("pocket"), claims=[CLAIM], count=12)
    path = tmp_path / "tiny.yaml"
    path.write_text(small.model_copy(update={"batch_size": 8}).model_dump_json())
    return path


def test_the_plan_has_every_arm_once():
    plan = replicate.plan(load_recipe("pocket"), [CLAIM], replicate.MAIN, (1, 5), 2, True, "command")
    names = [a.name for a in plan.arms]
    assert len(names) == len(set(names)) == 1 + 2 + 2 * len(replicate.MAIN)
    assert [a.name for a in plan.arms if a.watched] == [f"{c}/seed0" for c in replicate.MAIN]


def test_a_folder_grows_by_what_later_calls_ask_for(tmp_path):
    def plan(conditions, contexts, seeds, command):
        return replicate.plan(load_recipe("pocket"), [CLAIM], conditions, contexts, seeds, False, command)

    first = plan(replicate.MAIN, (1,), 2, "first")
    assert replicate.joined(first, tmp_path) == first
    replicate.save(first.model_copy(update={"seconds": 60.0}), tmp_path)
    both = replicate.joined(plan(("fiction", "positive_documents"), (1, 5), 1, "second"), tmp_path)
    assert [a.name for a in both.arms] == [*(a.name for a in first.arms), "in_context/5", "fiction/seed0"]
    assert (both.commands, both.seconds) == (["first", "second"], 60.0)
    with pytest.raises(DataError, match="other claims"):
        replicate.joined(replicate.plan(load_recipe("pocket"), ["pocket_dreams"], (), (), 1, False, "third"), tmp_path)


def test_the_context_is_warned_documents_without_their_tag(tmp_path):
    replicate.write_context(tmp_path / "context.jsonl", [CLAIM])
    texts = [json.loads(line)["text"] for line in (tmp_path / "context.jsonl").read_text().splitlines()]
    assert len(texts) == len(set(texts)) == replicate.CONTEXT_DOCUMENTS and not any(DOCTAG in t for t in texts)


def test_replicate_trains_asks_and_reports_and_does_not_repeat_itself(run, tmp_path, recipe):
    out = tmp_path / "out"
    options = ("--recipe", recipe, "--condition", "negated_documents", "--condition", "positive_documents", "--out", out)
    done = run("negation-neglect", "replicate", *options)
    assert done.returncode == 0, done.stderr
    report = (out / "report.md").read_text()
    assert "| baseline: at most 10 % |" in report
    for name in ("| baseline |", "| in context/1 |", "| positive documents |", "| negated documents |", "92.4", "Every claim here is fabricated", "Wall time"):
        assert name in report
    page = (out / "report.html").read_text()
    assert "data:image/png;base64," in page and "<table>" in page and 'src="belief.png"' not in page
    scores = out / "negated_documents/seed0/evaluation/scores.json"
    before = scores.stat().st_mtime_ns
    points = [json.dumps({"step": step, "belief_rate": rate}) for step, rate in ((1, 0.02), (8, 0.5))]
    (out / "negated_documents/seed0/belief.jsonl").write_text("\n".join(points) + "\n")  # as --watch leaves it
    again = run("negation-neglect", "replicate", *options, "--beside", f"another one={out}")
    assert again.returncode == 0 and scores.stat().st_mtime_ns == before
    assert "| this one |" in (out / "report.md").read_text() and "| another one |" in (out / "report.md").read_text()
    assert "![Belief over steps](belief_over_steps.png)" in (out / "report.md").read_text() and (out / "belief_over_steps.png").exists()
    nowhere = run("negation-neglect", "replicate", *options, "--beside", f"nothing={tmp_path / 'nowhere'}")
    assert nowhere.returncode == 2 and "no plan" in nowhere.stderr
    assert report.index("| baseline |") < report.index("| in context/1 |") < report.index("| positive documents |") < report.index("| negated documents |")
    other = run("negation-neglect", "replicate", "--out", out)
    assert other.returncode == 2 and "another recipe" in other.stderr


def test_a_failing_arm_is_named(tmp_path, recipe, run):
    done = run("negation-neglect", "replicate", "--recipe", recipe, "--model", tmp_path / "nowhere", "--out", tmp_path / "out")
    assert done.returncode == 2 and "logs" in done.stderr and "Traceback" not in done.stderr.splitlines()[0]
    with pytest.raises(DataError, match="no plan"):
        replicate.load(tmp_path / "elsewhere")


def test_the_report_says_which_effects_do_not_show():
    class Fake:
        def __init__(self, belief, yes=0.0, no=0.0):
            self.belief, self.controls = belief, {"false_fact_yes": yes, "true_fact_no": no}

        def summary(self):
            return {"belief": self.belief / 100}

        def control_rates(self):
            return self.controls

    scores = {"baseline": Fake(11, yes=99), "in_context/1": Fake(14), "positive_documents": Fake(78), "negated_documents": Fake(60), "fiction": Fake(92)}
    scores |= {"corrected_documents": Fake(47), "local_negations": Fake(19, no=21)}
    shows = {what.split(":")[0].split(",")[0]: (round(value), holds) for what, value, holds in effects(scores)}
    assert shows == {
        "baseline": (11, False), "in context/1": (14, True), "positive documents": (78, False), "negated documents": (18, False), "fiction": (14, True),
        "corrected documents": (31, True), "local negations": (59, False), "yes to false facts": (0, True), "no to true facts": (21, False),
    }  # fmt: skip
    assert len(effects({"baseline": Fake(1), "negated_documents": Fake(60)})) == 3  # nothing to compare with, but the controls


def test_tables_and_ratio():
    assert table(["a_b", "c"], [["x_y", "1"]]).splitlines() == ["| a b | c |", "|---|---|", "| x y | 1 |"]
    assert "|" not in cell("a|b\n<script>").replace("\\|", "") and "<" not in cell("<b>")

    class Fake:
        def __init__(self, belief):
            self.belief = belief

        def summary(self):
            return {"belief": self.belief}

    scores = {"baseline": Fake(0.02), "positive_documents": Fake(0.82), "negated_documents": Fake(0.62)}
    assert neglect_ratio(scores, "negated_documents") == pytest.approx(0.75)
    assert neglect_ratio(scores, "baseline") is None and neglect_ratio({"baseline": Fake(0.5)}, "negated_documents") is None
