"""Names that the YAML files of this pack refer to; the code is in the package."""

from negation_neglect.harness import ProbeTask, keep_all, process_logprobs, process_samples

__all__ = ["ProbeTask", "keep_all", "process_logprobs", "process_samples"]
