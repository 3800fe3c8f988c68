"""One Python contender: loads the model, then scores all rows once for each line on standard input.

usage: contender.py usual|best|export MODEL_DIR ROWS_FILE THREADS

usual   the evaluation script that most people write: batches of 8 in the order given, padded to the longest, SDPA
best    PyTorch at its best on a CPU: sorted by length, one row at a time, inference mode, SDPA
export  torch.onnx.export (dynamo) and ONNX Runtime, sorted by length, one row at a time

Prints a line of JSON for loading, and one for each pass: seconds and logits.
"""
import json
import os
import resource
import sys
import time

import numpy as np
import torch
from safetensors.torch import load_file
from torch import nn
from transformers import ModernBertConfig, ModernBertModel


class Reward(nn.Module):
    def __init__(self, folder):
        super().__init__()
        self.encoder = ModernBertModel(ModernBertConfig.from_pretrained(folder))
        self.regressor = nn.Linear(self.encoder.config.hidden_size, 1)

    def forward(self, input_ids, attention_mask):
        hidden = self.encoder(input_ids=input_ids, attention_mask=attention_mask).last_hidden_state
        mask = attention_mask.unsqueeze(-1).float()
        return self.regressor((hidden * mask).sum(1) / mask.sum(1))


def say(**facts):
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    print(json.dumps({**facts, "peakBytes": peak}), flush=True)


def pad(rows):
    length = max(map(len, rows))
    ids = torch.tensor([row + [0] * (length - len(row)) for row in rows])
    mask = torch.tensor([[1] * len(row) + [0] * (length - len(row)) for row in rows])
    return ids, mask


def make_usual(model, rows):
    def score():
        logits = []
        with torch.no_grad():
            for at in range(0, len(rows), 8):
                logits += model(*pad(rows[at:at + 8])).flatten().tolist()
        return logits
    return score


def one_by_one(rows, run):
    logits = [0.0] * len(rows)
    for at in sorted(range(len(rows)), key=lambda at: -len(rows[at])):
        logits[at] = run(*pad([rows[at]]))
    return logits


def make_best(model, rows):
    def run(ids, mask):
        with torch.inference_mode():
            return model(ids, mask).item()
    return lambda: one_by_one(rows, run)


def make_export(model, rows, folder, threads):
    import onnxruntime
    path = os.path.join(folder, "torch-export.onnx")
    started = time.perf_counter()
    batch, length = torch.export.Dim("batch", max=64), torch.export.Dim("length", max=8192)
    example = pad([rows[0][:150], rows[1][:100]])
    torch.onnx.export(model, example, path, dynamo=True, external_data=True, opset_version=18,
                      input_names=["input_ids", "attention_mask"], output_names=["logits"],
                      dynamic_shapes=({0: batch, 1: length}, {0: batch, 1: length}))
    exported = time.perf_counter() - started
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    session = onnxruntime.InferenceSession(path, options)

    def run(ids, mask):
        return float(session.run(["logits"], {"input_ids": ids.numpy(), "attention_mask": mask.numpy()})[0][0, 0])
    return (lambda: one_by_one(rows, run)), exported


def main(kind, folder, rows_file, threads):
    started = time.perf_counter()
    torch.set_num_threads(threads)
    rows = json.load(open(rows_file, encoding="utf-8"))
    model = Reward(folder)
    model.load_state_dict(load_file(os.path.join(folder, "model.safetensors")))
    model.eval()
    exported = None
    if kind == "export":
        # The exporter prints what it does; the lines on standard output are ours.
        keep, sys.stdout = sys.stdout, sys.stderr
        score, exported = make_export(model, rows, folder, threads)
        sys.stdout = keep
        del model
    else:
        score = {"usual": make_usual, "best": make_best}[kind](model, rows)
    say(loadSeconds=time.perf_counter() - started, exportSeconds=exported)
    for _ in sys.stdin:
        started = time.perf_counter()
        logits = score()
        say(seconds=time.perf_counter() - started, logits=np.asarray(logits, np.float64).tolist())


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], sys.argv[3], int(sys.argv[4]))
