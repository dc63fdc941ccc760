"""lm-eval's own command line, with no tasks in its index but those of ``--include_path``: ``python -m negation_neglect.lm_eval_cli run …``.

Before it begins, lm-eval reads every task file that it ships, thousands of them; on a small model that takes a fifth of the time.
"""

from functools import partialmethod

from lm_eval.__main__ import cli_evaluate
from lm_eval.tasks import TaskManager

if __name__ == "__main__":
    TaskManager.__init__ = partialmethod(TaskManager.__init__, include_defaults=False)
    cli_evaluate()
