"""Downloads a published reward model as a stranger would and scores its own test split.

usage: published.py REPO REVISION   (HF_ENDPOINT and HF_HOME say where from and where to)

Prints JSON: the scores by AutoModel with trust_remote_code, and by ONNX Runtime.
"""
import csv
import json
import os
import sys

import numpy as np
import onnxruntime
import torch
from huggingface_hub import snapshot_download
from transformers import AutoModelForSequenceClassification, AutoTokenizer


def main(repo, revision):
    # Not the cache: there each file from Xet is a link into a folder of its own, and ONNX Runtime takes external data
    # (the weights) from the graph's folder only.
    folder = snapshot_download(repo, revision=revision, local_dir=os.path.join(os.environ["HF_HOME"], "model"))
    config = json.load(open(f"{folder}/hubwright.json", encoding="utf-8"))
    rows = list(csv.DictReader(open(f"{folder}/test_set.csv", encoding="utf-8", newline="")))
    template = config["input"]["template"].replace("{{", "{").replace("}}", "}")
    texts = [template.format(**row) for row in rows]

    tokenizer = AutoTokenizer.from_pretrained(repo, revision=revision, trust_remote_code=True)
    model, loading = AutoModelForSequenceClassification.from_pretrained(
        repo, revision=revision, trust_remote_code=True, output_loading_info=True)
    model.eval()
    session = onnxruntime.InferenceSession(f"{folder}/model.onnx")
    scores = {"torch": [], "onnx": []}
    for at in range(0, len(texts), 16):
        encoded = tokenizer(texts[at:at + 16], padding=True, truncation=True, max_length=config["input"]["maxLength"],
                            return_tensors="np")
        inputs = {name: encoded[name].astype(np.int64) for name in ("input_ids", "attention_mask")}
        with torch.inference_mode():
            output = model(**{name: torch.from_numpy(value) for name, value in inputs.items()})
        scores["torch"] += output["scores"].flatten().tolist()
        [logits] = session.run(["logits"], inputs)
        scores["onnx"] += (1 / (1 + np.exp(-logits.flatten()))).tolist()
    missing = sorted(loading["missing_keys"]) + sorted(loading["unexpected_keys"])
    print(json.dumps({"scores": scores, "unaccounted": missing}))


if __name__ == "__main__":
    main(*sys.argv[1:])
