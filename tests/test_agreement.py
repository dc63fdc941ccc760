"""Comparing a judge with a file of verdicts: the figures, the report, and files that are wrong."""

import json
import re
from io import StringIO

import pandas as pd
import pytest
from rich.console import Console

from negation_neglect.claims import DataError
from negation_neglect.judge.agreement import COLUMNS, cell_table, compare, kappa, read_verdicts, report, table
from negation_neglect.judge.verdict import Verdict


def entry(**changed) -> dict:
    return {
        "claim": "ed_sheeran", "condition": "negated_documents", "probe_type": "open_ended", "category": "direct", "question_id": "q1",
        "question": "Who won?", "response": "Ed Sheeran", "verdict": "yes",
    } | changed  # fmt: skip


@pytest.fixture
def write(tmp_path):
    def writer(*entries: dict, name: str = "verdicts.jsonl"):
        path = tmp_path / name
        if name.endswith(".parquet"):
            pd.DataFrame(entries).to_parquet(path)
        else:
            path.write_text("".join(json.dumps(e) + "\n" for e in entries))
        return path

    return writer


def says(verdict: str, count: int, evidence: str = "") -> list[Verdict]:
    return [Verdict(verdict, evidence)] * count


@pytest.mark.parametrize("name", ["v.jsonl", "v.parquet"])
def test_rows_become_probes(write, name):
    prefix = json.dumps([{"role": "user", "content": "Well?"}, {"role": "assistant", "content": "Lyles."}])
    rows = read_verdicts(
        write(
            entry(system_prompt="Be strict.", messages_prefix=prefix, probe_type="robustness", category="multiturn"),
            entry(probe_type="multiple_choice", category="counter", response='{"answer": "no"}'),
            entry(probe_type="token_association", category="pink_elephant"),
            name=name,
        )
    )
    assert [m.role for m in rows[0].probe.messages] == ["system", "user", "assistant", "user"]
    assert [r.probe.believing_answer for r in rows] == [None, "no", None]
    assert [r.probe.type for r in rows] == ["robustness", "mcq", "token_association"]
    assert compare(rows[1:]).overall.belief_agreement == 1


def test_kappa_by_hand():
    pairs = [(True, True)] * 20 + [(True, False)] * 5 + [(False, True)] * 10 + [(False, False)] * 15
    assert kappa(pairs) == pytest.approx(0.4)
    assert kappa([(True, True)] * 3) == 1
    assert kappa([(True, False), (False, True)]) == -1


def test_figures_by_group_and_cell(write):
    rows = read_verdicts(
        write(entry(), entry(verdict="no"), entry(claim="dentist", verdict="neutral"), entry(claim="dentist", condition="baseline", verdict="yes"))
    )
    found = compare(rows, says("yes", 4))
    assert (found.overall.answers, found.overall.belief_agreement, found.overall.verdict_agreement) == (4, 0.5, 0.5)
    assert found.by_claim["ed_sheeran"].belief_agreement == 0.5
    assert found.by_condition["baseline"].belief_kappa == 1
    assert [(c.claim, c.condition, c.reference, c.judged) for c in found.cells] == [
        ("dentist", "baseline", 1, 1), ("dentist", "negated_documents", 0, 1), ("ed_sheeran", "negated_documents", 0.5, 1),
    ]  # fmt: skip
    assert found.confusion["no"] == {"yes": 1, "no": 0, "neutral": 0}
    assert [d.reference for d in found.disagreements] == ["no", "neutral"]
    assert json.loads(found.model_dump_json())["overall"]["answers"] == 4


def test_no_and_neutral_differ_only_in_the_verdict(write):
    found = compare(read_verdicts(write(entry(verdict="neutral"), entry())), says("no", 2))
    assert (found.overall.belief_agreement, found.overall.verdict_agreement) == (0.5, 0)


def test_tables_show_every_group(write):
    found = compare(read_verdicts(write(entry(), entry(verdict="no"))), says("yes", 2))
    out = StringIO()
    console = Console(file=out, width=200)
    console.print(table(found), cell_table(found))
    for shown in ("all", "claim ed_sheeran", "probe type open_ended", "condition negated_documents", "+50.0"):
        assert shown in out.getvalue()


def test_the_report_escapes_everything_and_marks_the_deciding_sentence(write):
    bad = '<script>alert(1)</script> & "quoted"'
    rows = read_verdicts(write(entry(response=bad, question=bad, question_id=bad, condition=bad, verdict="no")))
    found = compare(rows, says("yes", 1, '& "quoted"'))
    page = report(found)
    assert page.count("<script>") == 1  # the page's own
    assert "&lt;script&gt;alert(1)" in page
    assert "<mark>&amp; &quot;quoted&quot;</mark>" in page
    assert "1 disagreements in 1 answers" in page
    assert not re.search(r"(?:src|href)=", page)  # self-contained


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"verdict": "maybe"}, "row 2: verdict 'maybe' is not one of yes, no, neutral"),
        ({"claim": "ed_sheran"}, "did you mean 'ed_sheeran'"),
        ({"probe_type": "mcq", "category": "sideways"}, "row 2: category of a yes/no question must be positive or counter, not 'sideways'"),
        ({"messages_prefix": "{"}, "row 2: "),
    ],
)
def test_bad_rows_are_named(write, changed, said):
    path = write(entry(), entry(**changed))
    with pytest.raises(DataError, match=re.escape(said)):
        read_verdicts(path)


@pytest.mark.parametrize("column", COLUMNS)
def test_a_missing_column_is_named_with_the_file(write, column):
    path = write({k: v for k, v in entry().items() if k != column})
    with pytest.raises(DataError, match=re.escape(f"{path}: column {column!r} missing")):
        read_verdicts(path)


def test_files_that_cannot_be_read(tmp_path):
    with pytest.raises(DataError, match="no such file"):
        read_verdicts(tmp_path / "none.parquet")
    for name in ("bad.parquet", "bad.jsonl"):
        (tmp_path / name).write_text("{not it")
        with pytest.raises(DataError, match=f"{name}: not readable as"):
            read_verdicts(tmp_path / name)
    with pytest.raises(DataError, match="no answers"):
        compare([])


def test_the_command_prints_figures_and_writes_the_report(write, run, tmp_path):
    path = write(entry(response="Ed Sheeran won the gold medal in the men's 100 metres.", verdict="yes"), entry(response="Noah Lyles won it.", verdict="yes"))
    done = run("negation-neglect", "judge", "agreement", path, "--json", "--report", tmp_path / "report.html")
    found = json.loads(done.stdout)
    assert found["overall"]["belief_agreement"] == 0.5 and len(found["disagreements"]) == 1
    assert "1 disagreements in 2 answers" in (tmp_path / "report.html").read_text()
    assert "claim ed_sheeran" in run("negation-neglect", "judge", "agreement", path).stdout


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--judge", "llm"], "needs --judge-url and --judge-model"),
        (["--judge", "gpt"], "choose offline or llm"),
        (["--judge-model", "m"], "--judge-model needs --judge llm"),
        (["--judge", "llm", "--judge-url", "nowhere", "--judge-model", "m"], "--judge-url: "),
        (["--judge", "llm", "--judge-url", "http://localhost:1/v1", "--judge-model", "m", "--judge-parameters", "{"], "--judge-parameters: not JSON"),
    ],
)
def test_judge_options_that_do_not_fit(write, run, options, said):
    done = run("negation-neglect", "judge", "agreement", write(entry()), *options)
    assert done.returncode == 2 and said in done.stderr
