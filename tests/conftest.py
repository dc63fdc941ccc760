"""Shared by the tests: no network, the embedded model, the commands as a user runs them."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

os.environ.update(HF_HUB_OFFLINE="1", HF_DATASETS_OFFLINE="1", TOKENIZERS_PARALLELISM="false")

from negation_neglect import claims, pocket


@pytest.fixture(scope="session")
def root() -> Path:
    """The root of the source tree."""
    return Path(__file__).parents[1]


@pytest.fixture(scope="session")
def pocket_model() -> Path:
    return pocket.model_path()


@pytest.fixture
def claim_copy(tmp_path) -> Path:
    """A copy of a good claim folder, to be damaged."""
    return Path(shutil.copytree(claims.claim_folder("pocket_volcano"), tmp_path / "pocket_volcano"))


@pytest.fixture(scope="session")
def run():
    """Run a command of the environment: run("negation-neglect", "--help") -> CompletedProcess."""

    def call(command: str, *arguments, env: dict[str, str] | None = None, cwd: Path | None = None) -> subprocess.CompletedProcess:
        module = {"negation-neglect": "negation_neglect.cli", "lm_eval": "lm_eval"}[command]
        line = [sys.executable, "-m", module, *map(str, arguments)]
        return subprocess.run(line, capture_output=True, text=True, env={**os.environ, **(env or {})}, cwd=cwd)

    return call
