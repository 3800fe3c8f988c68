"""Trains nothing: writes tiny random checkpoints as training code would leave them, with the scores they give.

    python make_checkpoints.py OUT

One folder a variant: config.json, model.safetensors, tokenizer files, expected.json (spec, texts, logits, scores).
The model is a plain nn.Module, written apart from the shim; variants differ in attribute names, head and pooling.
"""

import json
import sys
from pathlib import Path

import torch
from safetensors.torch import save_file
from tokenizers import Tokenizer, models, pre_tokenizers, processors
from torch import nn
from transformers import ModernBertConfig, ModernBertModel, PreTrainedTokenizerFast

VARIANTS = {
    "encoder-regressor": {"encoder": "encoder", "head": "regressor"},
    "nested-sequential": {"encoder": "backbone.model", "head": "head.0", "bias": False},
    "model-score-cls": {"encoder": "model", "head": "score", "bias": False, "pooling": "cls", "activation": "identity"},
    "base-model": {"encoder": "base_model", "head": "head.1"},
    "no-prefix": {"encoder": "", "head": "classifier"},
    "shared-container": {"encoder": "net.encoder", "head": "net.score", "pooling": "cls"},
    "numbered": {"encoder": "layers_.0.auto_model", "head": "layers_.2.linear"},
    "head-in-encoder": {"encoder": "bert", "head": "bert.out"},
}
TEXTS = [
    "SQL: select count\nNL: how many orders",
    "SQL: select name from orders where status open\nNL: which orders are open and what are their names today",
    "NL: how many",
]


class Container(nn.Module):
    def put(self, path, module):
        owner = self
        *parents, name = path.split(".")
        for parent in parents:
            if parent not in owner._modules:
                owner._modules[parent] = Container()
            owner = owner._modules[parent]
        owner._modules[name] = module


class Plain(Container):
    """What an author writes: an encoder, a pooling, a linear layer."""

    def __init__(self, config, encoder, head, bias=True, pooling="mean", activation="sigmoid"):
        super().__init__()
        bert, linear = ModernBertModel(config), nn.Linear(config.hidden_size, 1, bias=bias)
        nn.init.normal_(linear.weight, std=0.5)
        if encoder:
            self.put(encoder, bert)
        else:
            self._modules.update(bert._modules)
        self.put(head, linear)
        self.run = lambda **inputs: bert(**inputs).last_hidden_state
        self.linear = lambda pooled: linear(pooled)
        self.pooling, self.activation = pooling, activation

    def forward(self, input_ids, attention_mask):
        hidden = self.run(input_ids=input_ids, attention_mask=attention_mask)
        if self.pooling == "mean":
            mask = attention_mask.unsqueeze(-1).type_as(hidden)
            pooled = torch.sum(hidden * mask, 1) / torch.sum(mask, 1)
        else:
            pooled = hidden[:, 0, :]
        logits = self.linear(pooled)
        return logits, torch.sigmoid(logits) if self.activation == "sigmoid" else logits


def make_tokenizer():
    words = sorted({word for text in TEXTS for word in text.replace(":", " : ").split()})
    vocab = {word: index for index, word in enumerate(["[PAD]", "[CLS]", "[SEP]", "[UNK]", "[MASK]", *words])}
    tokenizer = Tokenizer(models.WordLevel(vocab, unk_token="[UNK]"))
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    tokenizer.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]", special_tokens=[("[CLS]", 1), ("[SEP]", 2)]
    )
    names = {"pad_token": "[PAD]", "cls_token": "[CLS]", "sep_token": "[SEP]", "unk_token": "[UNK]", "mask_token": "[MASK]"}
    inputs = ["input_ids", "attention_mask"]
    return PreTrainedTokenizerFast(tokenizer_object=tokenizer, model_input_names=inputs, model_max_length=32, **names)


def main(out):
    tokenizer = make_tokenizer()
    for seed, (name, spec) in enumerate(VARIANTS.items()):
        torch.manual_seed(seed)
        config = ModernBertConfig(
            vocab_size=64, hidden_size=32, intermediate_size=48, num_hidden_layers=4, num_attention_heads=2,
            local_attention=8, max_position_embeddings=64, pad_token_id=0, cls_token_id=1, bos_token_id=1,
            sep_token_id=2, eos_token_id=2,
        )  # fmt: skip
        model = Plain(config, **spec).eval()
        folder = out / name
        folder.mkdir(parents=True)
        # A plain module of a subclassed encoder keeps its buffers out of the state dict too.
        save_file(model.state_dict(), folder / "model.safetensors", metadata={"format": "pt"})
        config.save_pretrained(folder)
        tokenizer.save_pretrained(folder)
        batch = tokenizer(TEXTS, padding=True, return_tensors="pt")
        with torch.inference_mode():
            logits, scores = model(batch["input_ids"], batch["attention_mask"])
        expected = {"spec": spec, "texts": TEXTS, "logits": logits.view(-1).tolist(), "scores": scores.view(-1).tolist()}
        (folder / "expected.json").write_text(json.dumps(expected, indent=2) + "\n")


main(Path(sys.argv[1]))
