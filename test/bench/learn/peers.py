"""The tabular network in PyTorch, on the rows that run.mts wrote: peers.py <JSON of the task>."""
import json
import math
import sys
import time

import numpy as np
import torch
from torch import nn

task = json.loads(sys.argv[1])
torch.manual_seed(task['seed'])
torch.set_num_threads(task['threads'])
BATCH, FREQUENCIES, EMBEDDED, HIDDEN = 128, 16, 3, [128, 128, 128]
RATE, DECAY, DROPOUT = 0.04, 0.02, 0.15


def read(name, rows):
    x = np.fromfile(f'{task["folder"]}/{name}.x', dtype=np.float32).reshape(rows, task['columns'])
    return x, torch.from_numpy(np.fromfile(f'{task["folder"]}/{name}.y', dtype=np.float32))


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


x, y = read('train', task['rows'])
tests, truth = read('test', task['tests'])
began = time.perf_counter()
center = np.median(x, 0)
low, high = np.quantile(x, [0.25, 0.75], axis=0)


def scaled(values):
    z = (values - center) / (high - low)
    return torch.from_numpy((z / np.sqrt(1 + (z / 3) ** 2)).astype(np.float32))


rows = scaled(x)
network = Network(task['columns'])
adam = torch.optim.AdamW(network.groups(), lr=RATE, betas=(0.9, 0.95), weight_decay=0)
steps = math.ceil(len(rows) / BATCH)
for step in range(task['epochs'] * steps):
    if step % steps == 0:
        order = torch.randperm(len(rows))
    t = step / (task['epochs'] * steps)
    rate = RATE * 0.5 * (1 - math.cos(2 * math.pi * math.log2(1 + 15 * t)))
    flat = 1 if t < 0.5 else 0.5 * (1 + math.cos(math.pi * (2 * t - 1)))
    for group in adam.param_groups:
        group['lr'] = rate * group['share']
        group['weight_decay'] = DECAY * flat * group['decays']
    at = order[step % steps * BATCH:(step % steps + 1) * BATCH]
    loss = nn.functional.binary_cross_entropy_with_logits(network(rows[at], DROPOUT * flat), y[at])
    adam.zero_grad()
    loss.backward()
    adam.step()
seconds = time.perf_counter() - began
network.eval()
with torch.inference_mode():
    loss = nn.functional.binary_cross_entropy_with_logits(network(scaled(tests), 0), truth).item()
    one = scaled(tests[:1])
    for _ in range(100):
        network(one, 0)
    began = time.perf_counter()
    for _ in range(1000):
        network(one, 0)
    microseconds = (time.perf_counter() - began) * 1000
print(json.dumps({'seconds': seconds, 'loss': loss, 'microseconds': microseconds}))
