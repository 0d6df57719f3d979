"""The tabular network in PyTorch, on the rows that run.mts wrote: peers.py <JSON of the task>."""
import json
import math
import sys
import time

import torch
from torch import nn

from network import RATE, Network, read, scaling, schedule

task = json.loads(sys.argv[1])
torch.manual_seed(task['seed'])
torch.set_num_threads(task['threads'])
BATCH = 128

x, y = read(task['folder'], 'train', task['rows'], task['columns'])
tests, truth = read(task['folder'], 'test', task['tests'], task['columns'])
began = time.perf_counter()
scaled = scaling(x)
rows = scaled(x)
network = Network(task['columns'])
adam = torch.optim.AdamW(network.groups(), lr=RATE, betas=(0.9, 0.95), weight_decay=0)
steps = math.ceil(len(rows) / BATCH)
for step in range(task['epochs'] * steps):
    if step % steps == 0:
        order = torch.randperm(len(rows))
    t = step / (task['epochs'] * steps)
    dropout = schedule(adam, t)
    at = order[step % steps * BATCH:(step % steps + 1) * BATCH]
    loss = nn.functional.binary_cross_entropy_with_logits(network(rows[at], dropout), y[at])
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
