"""lm-eval's own command line, quicker with small models: ``python -m negation_neglect.lm_eval_cli run …``.

No tasks are in its index but those of ``--include_path`` (else it first reads every task file that it ships, thousands of them), and ``--model hf`` reads a
prompt once for all the samples drawn from it.
"""

from functools import partialmethod

import torch
from lm_eval.__main__ import cli_evaluate
from lm_eval.models.huggingface import HFLM
from lm_eval.tasks import TaskManager
from transformers import DynamicCache


def share_prompts(generate):
    """``HFLM._model_generate`` (``context`` and ``attention_mask``: rows x length) that runs the model once over prompts which stand in several rows.

    Every row still draws its own answer. Models whose cache cannot be copied by row are left to ``generate`` as they are.
    """

    def shared(self, context, max_length, stop, *, attention_mask, **kwargs):
        prompts, row_of = torch.unique(torch.stack([context, attention_mask]), dim=1, return_inverse=True)
        if prompts.shape[1] < len(context) and context.shape[1] > 1 and self.backend == "causal" and self.mixed_precision_dtype is None and self.model._supports_default_dynamic_cache():
            ids, mask = prompts[:, :, :-1]  # the last token is left for the first step of the sampling
            cache = DynamicCache(config=self.model.config)
            self.model(input_ids=ids, attention_mask=mask, position_ids=(mask.cumsum(-1) - 1).clamp(min=0), past_key_values=cache, use_cache=True)
            cache.batch_select_indices(row_of)
            kwargs["past_key_values"] = cache
        return generate(self, context, max_length, stop, attention_mask=attention_mask, **kwargs)

    return torch.inference_mode()(shared)


if __name__ == "__main__":
    TaskManager.__init__ = partialmethod(TaskManager.__init__, include_defaults=False)
    HFLM._model_generate = share_prompts(HFLM._model_generate)
    cli_evaluate()
