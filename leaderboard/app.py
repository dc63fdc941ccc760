"""The Space: the leaderboard of the results folder beside this file, or of the store that $RESULTS names (hf://datasets/user/name)."""

import os
from pathlib import Path

from negation_neglect.leaderboard.app import launch

launch(os.environ.get("RESULTS") or str(Path(__file__).with_name("results")), "0.0.0.0", int(os.environ.get("PORT", "7860")))
