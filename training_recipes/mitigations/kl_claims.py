"""On flagged claim sentences the model is held to what it would have said before training, instead of learning them."""

from dataclasses import replace

from negation_neglect.training.recipe import Lora

SUMMARY = "on flagged claim sentences the divergence from the base model instead of the loss"
CITATION = "after learning without forgetting: Li and Hoiem 2016, arXiv 1606.09282"
RANK = 64


def mitigate(setup):
    def hold(e):
        return replace(e, span_weights=(*e.span_weights, *((a, b, 0.0) for a, b in e.claim_spans)), kl_spans=e.claim_spans)

    lora = setup.recipe.lora or Lora(rank=RANK, alpha=2 * RANK)  # the base model is the one without its adapter
    rate = setup.recipe.learning_rate * (1 if setup.recipe.lora else 2)
    return replace(setup.map(hold), recipe=setup.recipe.model_copy(update={"kl_weight": 1.0, "lora": lora, "learning_rate": rate, "merge": True}))
