"""The embedded model: a small language model of our own, trained from scratch on a world of our own."""

from pathlib import Path


def model_path() -> Path:
    """Folder of the shipped model, which transformers and lm-eval load like any other."""
    return Path(__file__).parent / "model"
