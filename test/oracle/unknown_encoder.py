"""Writes a run folder of a model whose architecture Hubwright does not know, and its author's own ONNX file.

usage: unknown_encoder.py SAMPLE_RUN OUT_DIR

ALBERT with random weights, the sample run's tokenizer and splits, metrics and predictions from PyTorch, and model.onnx
from torch.onnx.export.
"""
import json
import shutil
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import torch
from scipy.stats import pearsonr
from transformers import AlbertConfig, AlbertForSequenceClassification, AutoTokenizer

MAX_LENGTH = 64
COLUMNS = ("sql", "reasoning", "nl")


class Logits(torch.nn.Module):
    """Two inputs in, one tensor out, which is what readers of the bundle expect of the graph."""

    def __init__(self, model):
        super().__init__()
        self.model = model

    def forward(self, input_ids, attention_mask):
        return self.model(input_ids=input_ids, attention_mask=attention_mask).logits


def main(sample, out):
    sample, out = Path(sample), Path(out)
    out.mkdir(parents=True)
    raw = json.loads((sample / "config.json").read_text())
    ids = {key: value for key, value in raw.items() if key.endswith("_token_id")}
    torch.manual_seed(0)
    config = AlbertConfig(vocab_size=raw["vocab_size"], embedding_size=16, hidden_size=32, num_hidden_layers=3,
                          num_attention_heads=4, intermediate_size=48, max_position_embeddings=MAX_LENGTH,
                          num_labels=1, **ids)
    config._attn_implementation = "eager"
    model = AlbertForSequenceClassification(config).eval()
    for parameter in model.parameters():  # far from the initial values, so that rows differ
        parameter.data += 0.2 * torch.randn_like(parameter)
    model.save_pretrained(out)
    tokenizer = AutoTokenizer.from_pretrained(sample)
    for name in ("tokenizer.json", "tokenizer_config.json", "test_set.csv"):
        shutil.copy(sample / name, out / name)
    test = pd.read_csv(out / "test_set.csv", dtype=str, keep_default_na=False)
    texts = ["\n".join(row[column] for column in COLUMNS) for _, row in test.iterrows()]
    with torch.no_grad():
        inputs = [tokenizer(text, truncation=True, max_length=MAX_LENGTH, return_tensors="pt") for text in texts]
        logits = [model(input_ids=one["input_ids"], attention_mask=one["attention_mask"]).logits[0, 0] for one in inputs]
    scores = torch.stack(logits).sigmoid().double().numpy()
    labels = test["similarity_with_penalty"].astype(float).to_numpy()
    metrics = dict(mse=float(np.mean((scores - labels) ** 2)), mae=float(np.mean(np.abs(scores - labels))),
                   pearson=float(pearsonr(labels, scores)[0]))
    (out / "test_metrics.json").write_text(json.dumps(metrics))
    pd.DataFrame(dict(similarity_with_penalty=labels, prediction=scores)).to_csv(out / "test_predictions.csv", index=False)
    (out / "hubwright.json").write_text(json.dumps(dict(
        repo="me/albert", name="albert", license="apache-2.0",
        input=dict(template="\n".join(f"{{{{{column}}}}}" for column in COLUMNS), label="similarity_with_penalty",
                   maxLength=MAX_LENGTH))))
    example = inputs[0]
    torch.onnx.export(Logits(model), (example["input_ids"], example["attention_mask"]), out / "albert.onnx",
                      input_names=["input_ids", "attention_mask"], output_names=["logits"], dynamo=False,
                      dynamic_axes=dict(input_ids={0: "batch", 1: "sequence"},
                                        attention_mask={0: "batch", 1: "sequence"}, logits={0: "batch"}))


if __name__ == "__main__":
    main(*sys.argv[1:])
