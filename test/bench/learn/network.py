"""The tabular network in PyTorch, with the rates, decay and dropout that ours has (lib/learn/tensors/tabular)."""
import math

import numpy as np
import torch
from torch import nn

FREQUENCIES, EMBEDDED, HIDDEN = 16, 3, [128, 128, 128]
RATE, DECAY, DROPOUT = 0.04, 0.02, 0.15


def read(folder, name, rows, columns):
    x = np.fromfile(f'{folder}/{name}.x', dtype=np.float32).reshape(rows, columns)
    return x, torch.from_numpy(np.fromfile(f'{folder}/{name}.y', dtype=np.float32))


def scaling(x):
    """Robustly scaled, smoothly kept within -3..3, by what the training rows hold."""
    center = np.median(x, 0)
    low, high = np.quantile(x, [0.25, 0.75], axis=0)

    def scaled(values):
        z = (values - center) / (high - low)
        return torch.from_numpy((z / np.sqrt(1 + (z / 3) ** 2)).astype(np.float32))

    return scaled


class Network(nn.Module):
    def __init__(self, columns):
        super().__init__()
        limit = 1 / math.sqrt(FREQUENCIES)
        self.pw = nn.Parameter(0.2 * math.pi * torch.randn(columns, FREQUENCIES))
        self.pb = nn.Parameter(math.pi * (2 * torch.rand(columns, FREQUENCIES) - 1))
        self.lw = nn.Parameter(limit * (2 * torch.rand(columns, FREQUENCIES, EMBEDDED) - 1))
        self.lb = nn.Parameter(limit * (2 * torch.rand(columns, EMBEDDED) - 1))
        widths = [columns * (1 + EMBEDDED), *HIDDEN, 1]
        self.scale = nn.Parameter(torch.ones(widths[0]))
        starts = [torch.randn(i, o) / math.sqrt(i) for i, o in zip(widths, widths[1:])]
        starts[-1].zero_()
        self.w = nn.ParameterList(starts)
        self.b = nn.ParameterList([torch.randn(o) for o in HIDDEN] + [torch.zeros(1)])
        self.a = nn.ParameterList([torch.ones(o) for o in HIDDEN])

    def forward(self, x, dropout):
        waves = torch.cos(x[..., None] * self.pw + self.pb)
        h = torch.cat([x, (torch.einsum('nck,cke->nce', waves, self.lw) + self.lb).flatten(1)], 1) * self.scale
        for w, b, a in zip(self.w, self.b, self.a):
            z = h @ w + b
            h = nn.functional.dropout(z + a * (nn.functional.selu(z) - z), dropout, self.training)
        return (h @ self.w[-1] + self.b[-1])[:, 0]

    def groups(self):
        rest = [([self.pw], 0.2 * math.pi), ([self.pb, self.lw, self.lb, *self.b, *self.a], 0.1), ([self.scale], 6)]
        dense = [{'params': [w], 'share': 1 / math.sqrt(len(w)), 'decays': 1} for w in self.w]
        return dense + [{'params': params, 'share': share, 'decays': 0} for params, share in rest]


def schedule(adam, t):
    """Sets rates and decay of step `t`, from 0 to 1; returns the share of units that rest."""
    rate = RATE * 0.5 * (1 - math.cos(2 * math.pi * math.log2(1 + 15 * t)))
    flat = 1 if t < 0.5 else 0.5 * (1 + math.cos(math.pi * (2 * t - 1)))
    for group in adam.param_groups:
        group['lr'] = rate * group['share']
        group['weight_decay'] = DECAY * flat * group['decays']
    return DROPOUT * flat


def share_of_mean(now, steps):
    """Share of step `now` of `steps` in the mean of the weights, which begins anew where the rates are highest."""
    peaks = [math.ceil(steps * (2 ** waves - 1) / 15) for waves in (0.5, 1.5, 2.5, 3.5)]
    return 1 / (now + 1 - max([0, *(peak for peak in peaks if peak <= now)]))
