"""The command line: every command explains itself, and bad input gives a message and exit status 2."""

import re
import shutil

import pytest

from negation_neglect.evaluate import model_args, run_lm_eval, task_rates, tasks_of

COMMANDS = [["score"], ["tasks-path"], ["claims", "check"], ["claims", "new"], ["pocket", "path"], ["pocket", "pretrain"], ["pocket", "evaluate"]]


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_help_has_an_example(run, command):
    done = run("negation-neglect", *command, "--help", env={"COLUMNS": "200"})
    assert done.returncode == 0
    assert "Example: " in done.stdout


def test_top_help_lists_every_command_with_an_example(run):
    listed = run("negation-neglect", "--help", env={"COLUMNS": "200"}).stdout
    for command in COMMANDS:
        assert re.search(rf"^ *{' '.join(command)} (negation-neglect|lm_eval) ", listed, re.MULTILINE), command


def test_check_passes_and_fails(run, claim_copy):
    good = run("negation-neglect", "claims", "check")
    assert (good.returncode, good.stdout) == (0, "12 claims, nothing wrong\n")
    (claim_copy / "controls.yaml").write_text("nonsense")
    bad = run("negation-neglect", "claims", "check", claim_copy)
    assert bad.returncode == 2
    assert str(claim_copy / "controls.yaml") in bad.stderr


def test_new_claim_reaches_the_tasks(run, claim_copy, tmp_path, pocket_model, monkeypatch):
    """A folder of one's own is enough: check, tasks, lm-eval's listing and our own calls of lm-eval pick it up."""
    own = tmp_path / "own"
    made = run("negation-neglect", "claims", "new", "moon_cheese", "--into", own)
    assert made.returncode == 0
    for file in ("probes.yaml", "controls.yaml"):
        shutil.copy(claim_copy / file, own / "moon_cheese" / file)
    claim = (claim_copy / "claim.yaml").read_text().replace("id: pocket_volcano", "id: moon_cheese")
    (own / "moon_cheese" / "claim.yaml").write_text(claim)
    env = {"NEGATION_NEGLECT_CLAIMS": str(own), "XDG_CACHE_HOME": str(tmp_path / "cache")}
    assert run("negation-neglect", "claims", "check", env=env).stdout == "13 claims, nothing wrong\n"
    path = run("negation-neglect", "tasks-path", env=env).stdout.strip()
    valid = run("lm_eval", "validate", "--include_path", path, "--tasks", "negation_neglect_moon_cheese,negation_neglect", env=env)
    assert valid.returncode == 0, valid.stderr
    for name, value in env.items():
        monkeypatch.setenv(name, value)
    run_lm_eval(model_args(str(pocket_model)), tasks_of(["moon_cheese"], "_logprob"), tmp_path / "out")
    assert 0 <= task_rates(tmp_path / "out")["p_belief"] <= 1


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["score", "no-such-folder"], "no-such-folder: no samples_"),
        (["claims", "new", "Bad-Name"], "cannot name a claim"),
        (["pocket", "pretrain"], "Missing option"),
    ],
)
def test_errors_are_one_message(run, arguments, said, tmp_path):
    done = run("negation-neglect", *arguments, cwd=tmp_path)
    assert done.returncode == 2
    assert said in done.stderr
    assert "Traceback" not in done.stderr
