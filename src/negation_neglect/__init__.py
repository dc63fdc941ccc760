"""Negation Neglect: does a model believe a claim after finetuning on documents that deny it?"""

from importlib.metadata import PackageNotFoundError, version

try:
    __version__ = version("negation-neglect")
except PackageNotFoundError:  # run from a source tree that was never installed
    __version__ = "0+source"

# Raised whenever probes, prompts, sampling or judge change in a way that moves scores.
BENCHMARK_VERSION = "1.0"
