"""The judges: text in, verdict and the sentence that decided it out."""

from negation_neglect.judge.offline import JUDGE_VERSION, judge
from negation_neglect.judge.verdict import Verdict

__all__ = ["JUDGE_VERSION", "Verdict", "judge"]
