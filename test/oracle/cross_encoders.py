"""Leaves what a fine-tune of a sentence-transformers CrossEncoder leaves: the model as its own `save` writes it, a test
split of pairs, the scores that `predict` gives them, and metrics nested by split.

usage: cross_encoders.py OUT_DIR     one run folder a model type
"""
import csv
import json
import sys
from pathlib import Path

import torch
import transformers
from random_runs import CLASSES, WORDS, contiguous, randomize
from sentence_transformers import CrossEncoder
from tokenizers import Tokenizer, models, pre_tokenizers, processors

ROWS = 24


def make_tokenizer(separators):
    vocab = {word: i for i, word in enumerate(["<s>", "<pad>", "</s>", "<unk>", "<mask>", *WORDS])}
    tokenizer = Tokenizer(models.WordLevel(vocab, unk_token="<unk>"))
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    middle = " ".join(["</s>"] * separators)
    tokenizer.post_processor = processors.TemplateProcessing(
        single="<s> $A </s>", pair=f"<s> $A {middle} $B </s>", special_tokens=[("<s>", 0), ("</s>", 2)]
    )
    names = dict(pad_token="<pad>", cls_token="<s>", sep_token="</s>", unk_token="<unk>", mask_token="<mask>")
    inputs = ["input_ids", "attention_mask"]
    return transformers.PreTrainedTokenizerFast(tokenizer_object=tokenizer, model_input_names=inputs, model_max_length=36, **names)


def write_run(folder, name, separators):
    prefix, sizes = CLASSES[name]
    config = getattr(transformers, f"{prefix}Config")(**sizes, num_labels=1)
    raw = folder.with_name(folder.name + "-raw")
    randomize(getattr(transformers, f"{prefix}ForSequenceClassification")(config)).save_pretrained(raw)
    make_tokenizer(separators).save_pretrained(raw)
    model = CrossEncoder(str(raw), max_length=36, device="cpu")
    model.save_pretrained(str(folder))
    draw = lambda n: " ".join(WORDS[i] for i in torch.randint(len(WORDS), (n,)))
    pairs = [(draw(2 + i % 5), draw(2 + i % 7)) for i in range(ROWS)]
    scores = model.predict(pairs).tolist()
    labels = [round(value, 3) for value in torch.rand(ROWS).tolist()]
    with open(folder / "test.csv", "w", newline="") as file:
        csv.writer(file).writerows([("query", "passage", "label"), *((*p, l) for p, l in zip(pairs, labels))])
    with open(folder / "my_predictions.csv", "w", newline="") as file:
        csv.writer(file).writerows([("label", "score"), *zip(labels, scores)])
    errors = [s - l for s, l in zip(scores, labels)]
    metrics = dict(test_mse=sum(e * e for e in errors) / ROWS, test_mae=sum(map(abs, errors)) / ROWS, test_label_mean=sum(labels) / ROWS)
    (folder / "results.json").write_text(json.dumps({"epoch": 3, "test": metrics}))


if __name__ == "__main__":
    transformers.logging.set_verbosity_error()
    torch.manual_seed(0)
    for name, separators in (("modernbert", 1), ("roberta", 2)):
        write_run(Path(sys.argv[1]) / name, name, separators)
