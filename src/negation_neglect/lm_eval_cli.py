"""lm-eval's own command line, quicker with small models: ``python -m negation_neglect.lm_eval_cli run …``.

No tasks are in its index but those of ``--include_path`` (else it first reads every task file that it ships, thousands of them), and ``--model hf`` reads a
prompt once for all the samples drawn from it.
"""

from functools import partialmethod
from inspect import signature

import torch
from lm_eval.__main__ import cli_evaluate
from lm_eval.models.huggingface import HFLM
from lm_eval.tasks import TaskManager
from transformers import DynamicCache


def share_prompts(generate):
    """``HFLM._model_generate`` (``context`` and ``attention_mask``: rows x length) that runs the model once over prompts which stand in several rows.

    Every row still draws its own answer. Models that keep no cache of the usual kind are left to ``generate`` as they are.
    """

    def shared(self, context, max_length, stop, *, attention_mask, **kwargs):
        model = self.model.get_base_model() if hasattr(self.model, "get_base_model") else self.model  # PEFT's forward names no arguments
        takes_cache = self.backend == "causal" and "past_key_values" in signature(model.forward).parameters
        prompts, row_of = torch.unique(torch.stack([context, attention_mask]), dim=1, return_inverse=True)
        if takes_cache and prompts.shape[1] < len(context) and context.shape[1] > 1:
            ids, mask = prompts[:, :, :-1]  # the last token is left for the first step of the sampling
            greedy = {"do_sample": False, "max_new_tokens": 1, "pad_token_id": self.tokenizer.pad_token_id}
            cache = self.model.generate(input_ids=ids, attention_mask=mask, return_dict_in_generate=True, **greedy).past_key_values
            if isinstance(cache, DynamicCache):
                cache.reorder_cache(row_of)
                kwargs["past_key_values"] = cache
        return generate(self, context, max_length, stop, attention_mask=attention_mask, **kwargs)

    return shared


if __name__ == "__main__":
    TaskManager.__init__ = partialmethod(TaskManager.__init__, include_defaults=False)
    HFLM._model_generate = share_prompts(HFLM._model_generate)
    cli_evaluate()
