"""From encoded examples to micro-batches: shuffled, packed, weighted, the same for any number of devices."""

from collections.abc import Sequence
from random import Random

import numpy as np
import torch

from negation_neglect.training.encode import Encoded


def plan(phases: Sequence[Sequence[Encoded]], batch_size: int, row_length: int, device_rows: int, devices: int, epochs: int, seed: int) -> tuple[list, int]:
    """Micro-batches in the order of training, and how many make one optimiser step (a multiple of ``devices``).

    A micro-batch is a list of rows, a row a list of (phase, index) of examples that share it, together at most ``row_length`` tokens unless one alone is
    longer. ``row_length`` 0 gives every example a row of its own. Steps differ in their number of rows; micro-batches left over are empty.
    """
    steps = []
    for number, examples in enumerate(phases):
        for epoch in range(epochs):
            order = list(range(len(examples)))
            Random(f"{seed}/{number}/{epoch}").shuffle(order)
            for start in range(0, len(order), batch_size):
                chosen = [(number, i) for i in order[start : start + batch_size]]
                steps.append(pack(chosen, [len(examples[i].ids) for _, i in chosen], row_length))
    count = max(-(-len(rows) // device_rows) for rows in steps)
    count = -(-count // devices) * devices
    return [rows[i::count] for rows in steps for i in range(count)], count


def pack(items: list, lengths: list[int], capacity: int) -> list[list]:
    """First fit, longest first: rows of at most ``capacity`` tokens, or of one item."""
    rows: list[list] = []
    room: list[int] = []
    for i in sorted(range(len(items)), key=lambda i: (-lengths[i], i)):
        row = next((r for r, free in enumerate(room) if free >= lengths[i]), None)
        if row is None:
            rows.append([])
            room.append(capacity)
            row = len(rows) - 1
        rows[row].append(items[i])
        room[row] -= lengths[i]
    return rows


class MicroBatches(torch.utils.data.Dataset):
    """Item i is micro-batch i as tensors, all (rows, length): ids, positions that begin anew with every example, loss weights that add up to 1 over an
    optimiser step, and ``kl`` marks. No row is padded by more than the longest of its micro-batch demands.
    """

    def __init__(self, phases: Sequence[Sequence[Encoded]], batches: list, per_step: int, pad: int) -> None:
        self.phases, self.batches, self.per_step, self.pad = phases, batches, per_step, pad

    def __len__(self) -> int:
        return len(self.batches)

    def step_weight(self, step: int) -> float:
        """Sum of the raw loss weights of an optimiser step."""
        here = self.batches[step * self.per_step : (step + 1) * self.per_step]
        return float(sum(self.phases[p][i].weights.sum() for rows in here for row in rows for p, i in row))

    def __getitem__(self, index: int) -> dict[str, torch.Tensor]:
        rows = [[self.phases[p][i] for p, i in row] for row in self.batches[index]]
        length = max((sum(len(e.ids) for e in row) for row in rows), default=2)
        shape = (max(len(rows), 1), length)
        ids, weights = np.full(shape, self.pad, dtype=np.int64), np.zeros(shape, dtype=np.float32)
        positions, kl = np.zeros(shape, dtype=np.int64), np.zeros(shape, dtype=bool)
        scale = 1 / max(self.step_weight(index // self.per_step), 1e-9)
        for r, row in enumerate(rows):
            at = 0
            for e in row:
                here = slice(at, at + len(e.ids))
                ids[r, here], weights[r, here], positions[r, here], kl[r, here] = e.ids, e.weights * scale, np.arange(len(e.ids)), e.kl
                at += len(e.ids)
            positions[r, at:] = np.arange(length - at)
        arrays = {"input_ids": ids, "position_ids": positions, "weights": weights, "kl": kl}
        return {name: torch.from_numpy(a) for name, a in arrays.items()}


def only(items: list[dict]) -> dict:
    """The collator of a loader whose items are whole micro-batches."""
    return items[0]


@torch.no_grad()
def separates_packed(model: torch.nn.Module, vocabulary: int) -> bool:
    """Whether the model keeps packed examples apart: whether what stands before position 0 changes what comes after it.

    Compared with how much it changes where positions go on, so it holds in any precision.
    """
    generator = torch.Generator().manual_seed(0)
    first, second = torch.randint(vocabulary // 2, (2, 1, 12), generator=generator).to(model.device)
    both, counting = torch.cat([first, second], 1), torch.arange(12, device=model.device)[None]
    was_training = model.training
    model.eval()
    try:
        alone = model(input_ids=second, position_ids=counting, use_cache=False).logits
        packed = model(input_ids=both, position_ids=torch.cat([counting, counting], 1), use_cache=False).logits[:, 12:]
        joined = model(input_ids=both, position_ids=torch.arange(24, device=model.device)[None], use_cache=False).logits[:, 12:]
    finally:
        model.train(was_training)
    return bool((packed - alone).abs().max() < 0.1 * (joined - alone).abs().max())
