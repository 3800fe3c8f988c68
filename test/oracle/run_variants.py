"""Runs standalone ONNX models over the cases of folders that random_encoders.py wrote, after ONNX's own checker.

usage: run_variants.py FOLDER...

Prints one JSON line a folder: by the path of each model in its onnx/, the logits of each case, and dtype and dims of each
tensor that lies in the data file.
"""
import json
import sys
from pathlib import Path

import numpy as np
import onnx
import onnxruntime as ort
from check_onnx import check


def list_tensors(path):
    for tensor in onnx.load(path, load_external_data=False).graph.initializer:
        if tensor.data_location == onnx.TensorProto.EXTERNAL:
            yield tensor.name, [onnx.TensorProto.DataType.Name(tensor.data_type), list(tensor.dims)]


def run(path, cases):
    check(path)
    session = ort.InferenceSession(path, providers=["CPUExecutionProvider"])
    logits = []
    for case in cases:
        feeds = {name: np.array(case[name], np.int64) for name in ("input_ids", "attention_mask")}
        logits.append(session.run(["logits"], feeds)[0].flatten().tolist())
    return dict(logits=logits, tensors=dict(list_tensors(path)))


for folder in map(Path, sys.argv[1:]):
    known = json.loads((folder / "cases.json").read_text())
    print(json.dumps({f"onnx/{path.name}": run(str(path), known) for path in sorted(folder.glob("onnx/*.onnx"))}))
