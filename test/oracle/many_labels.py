"""Writes a small random classifier of several labels of every architecture, with transformers' logits of some texts.

usage: many_labels.py SAMPLE_RUN OUT_DIR

Each folder holds weights, config.json, the sample run's tokenizer and expected.json: texts and their logits.
"""
import json
import shutil
import sys
from pathlib import Path

import torch
import transformers
from transformers import AutoModelForSequenceClassification, PreTrainedTokenizerFast

SHAPE = dict(hidden_size=32, intermediate_size=48, num_hidden_layers=2, num_attention_heads=4, max_position_embeddings=96)
MODELS = {
    "modernbert": dict(SHAPE, local_attention=8), "bert": SHAPE, "roberta": SHAPE, "xlm-roberta": SHAPE, "camembert": SHAPE,
    "distilbert": dict(dim=32, hidden_dim=48, n_layers=2, n_heads=4, max_position_embeddings=96),
    "electra": dict(SHAPE, embedding_size=24), "mpnet": SHAPE, "deberta-v2": SHAPE, "nomic_bert": SHAPE,
}
NAMES = {"0": "helpful", "1": "correct", "2": "coherent"}
MAX_LENGTH = 48


def main(sample, out):
    raw = json.loads((Path(sample) / "config.json").read_text())
    ids = {key: value for key, value in raw.items() if key.endswith("_token_id")}
    # The class that wrote it exists in transformers 5 only.
    tokenizer = PreTrainedTokenizerFast.from_pretrained(sample)
    words = "select name from users where age is more than thirty and count of orders by month".split()
    texts = [" ".join(words[(i * 5 + j * (1 + i)) % len(words)] for j in range(n)) for i, n in enumerate((1, 3, 8, 9, 20, 90))]
    for seed, (model_type, settings) in enumerate(MODELS.items()):
        try:
            config = transformers.AutoConfig.for_model(
                model_type, vocab_size=raw["vocab_size"], id2label=NAMES, label2id={v: int(k) for k, v in NAMES.items()},
                **settings, **ids)
        except ValueError:
            print(f"{model_type} is not in transformers {transformers.__version__}")
            continue
        config._attn_implementation = "eager"
        torch.manual_seed(seed)
        model = AutoModelForSequenceClassification.from_config(config).eval()
        for parameter in model.parameters():
            parameter.data += 0.2 * torch.randn_like(parameter)
        folder = Path(out) / model_type
        model.save_pretrained(folder)
        for name in ("tokenizer.json", "tokenizer_config.json"):
            shutil.copy(Path(sample) / name, folder / name)
        logits = []
        for text in texts:
            inputs = tokenizer(text, truncation=True, max_length=MAX_LENGTH, return_tensors="pt")
            with torch.inference_mode():
                output = model(input_ids=inputs["input_ids"], attention_mask=inputs["attention_mask"])
            logits.append(output.logits[0].tolist())
        (folder / "expected.json").write_text(json.dumps(dict(texts=texts, logits=logits)))


if __name__ == "__main__":
    main(*sys.argv[1:])
