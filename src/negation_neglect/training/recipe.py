"""The recipe of a finetune: one YAML file, nothing inherited, unknown keys refused."""

from pathlib import Path
from typing import Literal

from pydantic import Field, model_validator

from negation_neglect.claims import ClaimId, DataError, Text, _Model, dataset_dir, read_model
from negation_neglect.conditions import CONDITIONS, VARIANTS


class Documents(_Model):
    """Documents about the claims in one condition. ``count`` is per claim; ``weight`` multiplies the loss of each token.

    ``source``: ``packaged`` (rendered from the authored sources), a folder that ``dataset build`` or ``dataset import`` wrote, a JSONL file with ``text``, or
    ``user/name@revision`` on the Hub.
    """

    source: Text = "packaged"
    claims: list[ClaimId] = Field(min_length=1)
    condition: Literal[CONDITIONS]
    variants: list[Literal[VARIANTS]] = Field(default=[])
    count: int = Field(gt=0)
    weight: float = Field(1.0, gt=0)


class Texts(_Model):
    """Plain text (``text``) or chats (``messages``). ``source``: the name of a packaged set, a JSONL file, or ``user/name@revision`` on the Hub."""

    source: Text
    count: int = Field(gt=0)
    weight: float = Field(1.0, gt=0)


class Mix(_Model):
    """What one phase of training reads, shuffled together."""

    documents: Documents | None = None
    web: Texts | None = None
    chats: Texts | None = None

    @model_validator(mode="after")
    def _not_empty(self) -> "Mix":
        if not (self.documents or self.web or self.chats):
            raise ValueError("a mix needs documents, web or chats")
        return self


class Lora(_Model):
    """Adapter settings; ``modules`` as PEFT's target_modules."""

    rank: int = Field(gt=0)
    alpha: int = Field(gt=0)
    dropout: float = Field(0.0, ge=0, lt=1)
    modules: Literal["all-linear"] | list[Text] = "all-linear"


class Recipe(_Model):
    """Everything that decides a finetune.

    ``phases`` are read one after the other under one learning-rate schedule. ``batch_size`` counts examples per optimiser step on all devices together;
    they are packed into rows of ``row_length`` tokens (an example longer than that gets a row of its own; one longer than ``max_length`` is cut), and a
    device takes ``device_rows`` rows at a time.

    ``loss_weighting``: ``token``, every token counts the same; ``example``, a whole chat counts as much as one token of a document, which is what the paper's
    trainer does.

    ``kl_weight``: weight of the divergence from the model as it was before training, where a mitigation marks text for it; it needs LoRA.
    """

    model: Text
    revision: Text | None = None
    phases: list[Mix] = Field(min_length=1)
    loss_weighting: Literal["token", "example"]
    kl_weight: float = Field(0.0, ge=0)
    epochs: int = Field(1, gt=0)
    batch_size: int = Field(gt=0)
    max_length: int = Field(gt=1)
    row_length: int = Field(gt=1)
    device_rows: int = Field(1, gt=0)
    learning_rate: float = Field(gt=0)
    schedule: Literal["linear", "cosine", "constant"] = "linear"
    warmup_ratio: float = Field(0.0, ge=0, lt=1)
    weight_decay: float = Field(0.0, ge=0)
    adam_beta2: float = Field(0.95, ge=0, lt=1)
    max_grad_norm: float = Field(1.0, gt=0)
    precision: Literal["float32", "bfloat16"]
    lora: Lora | None = None
    quantize_4bit: bool = False
    gradient_checkpointing: bool = False
    checkpoints: Literal["none", "log"] | int = "none"
    merge: bool = False
    seed: int = 0

    @model_validator(mode="after")
    def _coherent(self) -> "Recipe":
        if self.quantize_4bit and not self.lora:
            raise ValueError("quantize_4bit needs lora: the 4-bit weights themselves cannot be trained")
        if self.kl_weight and not self.lora:
            raise ValueError("kl_weight needs lora: the model before training is the one without its adapter")
        if self.merge and (not self.lora or self.quantize_4bit):
            raise ValueError("merge needs lora on weights that are not quantized")
        if isinstance(self.checkpoints, int) and self.checkpoints <= 0:
            raise ValueError("checkpoints must be none, log or a number of steps above 0")
        return self


def recipes_dir() -> Path:
    """The packaged recipes: inside the installed package, or at the root of a source tree."""
    packaged = Path(__file__).parents[1] / "training_recipes"
    return packaged if packaged.is_dir() else dataset_dir().parent / "training_recipes"


def load_recipe(name: str) -> Recipe:
    """A recipe by the name of a packaged one or by path. Raises DataError naming the file and the field."""
    path = Path(name)
    if path.suffix not in (".yaml", ".yml"):
        path = recipes_dir() / f"{name}.yaml"
        if not path.is_file():
            packaged = ", ".join(sorted(p.stem for p in recipes_dir().glob("*.yaml")))
            raise DataError(f"no recipe {name!r}; packaged ones: {packaged}; or give a path ending in .yaml")
    return read_model(path, Recipe)


def with_data(recipe: Recipe, **changes) -> Recipe:
    """The recipe with other documents in every phase that has some: ``claims``, ``condition``, ``source``, ``count`` … (see ``Documents``)."""
    phases = [p.model_copy(update={"documents": Documents.model_validate(p.documents.model_dump() | changes)}) if p.documents else p for p in recipe.phases]
    return recipe.model_copy(update={"phases": phases})
