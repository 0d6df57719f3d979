"""
The tabular network in PyTorch: peers.py prints what it computes on as a line of JSON; with the JSON of a task behind it, the points of its
curve. Rows lie on the device, as ours do, and so does their order; AdamW is the one that is a single program a step where there is CUDA.
"""
import json
import math
import os
import sys
import time

import torch
from torch import nn

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '../learn'))
from network import RATE, Network, read, scaling, schedule, share_of_mean  # noqa: E402

cuda = torch.cuda.is_available()
device = torch.device('cuda' if cuda else 'cpu')


def train(task):
    torch.manual_seed(task['seed'])
    x, y = read(task['folder'], 'train', task['rows'], task['columns'])
    tests, truth = read(task['folder'], 'test', task['tests'], task['columns'])
    # Started before any time is taken: ours is as well.
    torch.zeros(1, device=device)
    began = time.perf_counter()
    scaled = scaling(x)
    rows, y, tests, truth = (part.to(device) for part in (scaled(x), y, scaled(tests), truth))
    network = Network(task['columns']).to(device)
    adam = torch.optim.AdamW(network.groups(), lr=RATE, betas=(0.9, 0.95), weight_decay=0, fused=cuda)
    # As ours: what is judged is the mean of the weights.
    weights = dict(network.named_parameters())
    means = {name: value.detach().clone() for name, value in weights.items()}
    size = task['batchSize']
    steps = math.ceil(len(rows) / size)
    curve = []
    for epoch in range(task['epochs']):
        order = torch.randperm(len(rows), device=device)
        network.train()
        for k in range(steps):
            dropout = schedule(adam, (epoch + k / steps) / task['epochs'])
            at = order[k * size:(k + 1) * size]
            loss = nn.functional.binary_cross_entropy_with_logits(network(rows[at], dropout), y[at])
            adam.zero_grad()
            loss.backward()
            adam.step()
            with torch.no_grad():
                share = share_of_mean(epoch * steps + k, task['epochs'] * steps)
                torch._foreach_lerp_(list(means.values()), list(weights.values()), share)
            if k % 50 == 0 and time.perf_counter() - began > task['seconds']:
                return curve
        network.eval()
        with torch.inference_mode():
            answers = torch.func.functional_call(network, means, (tests, 0))
            held = nn.functional.binary_cross_entropy_with_logits(answers, truth).item()
        curve.append({'seconds': time.perf_counter() - began, 'loss': held})
    return curve


if len(sys.argv) > 1:
    print(json.dumps(train(json.loads(sys.argv[1]))))
else:
    name = torch.cuda.get_device_name() if cuda else f'the processor, {torch.get_num_threads()} threads'
    print(json.dumps({'name': name, 'gpu': cuda, 'version': torch.__version__}))
