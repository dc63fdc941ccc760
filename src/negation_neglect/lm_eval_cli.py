"""lm-eval's own command line, quicker with small models: ``python -m negation_neglect.lm_eval_cli run …``.

No tasks are in its index but those of ``--include_path`` (else it first reads every task file that it ships, thousands of them), and ``--model hf`` reads the
several samples of a prompt as one for as long as they are equal.
"""

from functools import partialmethod, wraps

import torch
from lm_eval.__main__ import cli_evaluate
from lm_eval.models.huggingface import HFLM
from lm_eval.tasks import TaskManager
from transformers import DynamicCache


def shared(forward):
    """``forward`` of a causal model, for one call of ``generate``: rows of the batch that are equal so far are run, and cached, as one.

    Takes and returns what ``forward`` does. Calls without a DynamicCache are left as they are, such as those of state-space models.
    """
    prefix = None  # of each row, the number of its prefix: its row in the cache

    @wraps(forward)
    def once(*args, **inputs):
        nonlocal prefix
        ids, mask, cache = inputs.get("input_ids"), inputs.get("attention_mask"), inputs.get("past_key_values")
        if ids is None or not isinstance(cache, DynamicCache) or (mask is not None and mask.ndim != 2):
            return forward(*args, **inputs)
        known = prefix[:, None] if prefix is not None else mask if mask is not None else torch.ones_like(ids)
        distinct, row_of = torch.unique(torch.cat([known, ids], dim=1), dim=0, return_inverse=True)
        if prefix is not None and len(distinct) > prefix.max() + 1:
            cache.reorder_cache(distinct[:, 0])  # of two rows that part each takes a copy
        prefix = row_of
        chosen = torch.empty_like(distinct[:, 0])
        chosen[row_of] = torch.arange(len(ids), device=ids.device)  # some row of each kind
        inputs = {name: value[..., chosen, :] if torch.is_tensor(value) and value.shape[-2:-1] == ids.shape[:1] else value for name, value in inputs.items()}
        output = forward(*args, **inputs)
        output.logits = output.logits[row_of]
        return output

    return once


def share_rows(generate):
    """``HFLM._model_generate`` with ``shared``; every row still draws its own answer."""

    def generate_shared(self, *args, **kwargs):
        model = self.model.get_base_model() if hasattr(self.model, "get_base_model") else self.model  # PEFT's forward names no arguments
        forward = model.forward
        model.forward = shared(forward)
        try:
            return generate(self, *args, **kwargs)
        finally:
            model.forward = forward

    return generate_shared


if __name__ == "__main__":
    TaskManager.__init__ = partialmethod(TaskManager.__init__, include_defaults=False)
    HFLM._model_generate = share_rows(HFLM._model_generate)
    cli_evaluate()
