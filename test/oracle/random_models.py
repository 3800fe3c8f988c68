"""Writes small random ModernBERT models with what PyTorch computes for them.

usage: random_models.py OUT_DIR

Each folder holds model.safetensors (of a plain nn.Module), config.json and cases.json: inputs, last hidden states and
logits in float32. The configurations cover odd windows, every spacing of global layers, given layer types, both
spellings of the rotary settings, biases, and both GELUs.
"""
import itertools
import json
import sys
from pathlib import Path

import torch
from safetensors.torch import save_file
from torch import nn
from transformers import ModernBertConfig, ModernBertModel

BASE = dict(vocab_size=97, hidden_size=32, intermediate_size=48, num_hidden_layers=4, num_attention_heads=4,
            local_attention=16, max_position_embeddings=512, pad_token_id=0, bos_token_id=1, eos_token_id=2,
            cls_token_id=1, sep_token_id=2)
VARIANTS = {
    "plain": {},
    "odd-window": dict(local_attention=7),
    "window-one": dict(local_attention=1),
    "all-global": dict(global_attn_every_n_layers=1),
    "every-second": dict(global_attn_every_n_layers=2, num_hidden_layers=5),
    "layer-types": dict(layer_types=["sliding_attention", "full_attention", "full_attention", "sliding_attention"]),
    "thetas": dict(global_rope_theta=5000.0, local_rope_theta=300.0),
    "biases": dict(attention_bias=True, mlp_bias=True, norm_bias=True),
    "gelu-tanh": dict(hidden_activation="gelu_pytorch_tanh"),
    "eps": dict(norm_eps=1e-3),
    "wide-heads": dict(num_attention_heads=2, hidden_size=40, intermediate_size=33),
}
LENGTHS = [1, 2, 7, 8, 9, 15, 16, 17, 18, 40, 128, 384, 385, 449, 512]  # both sides of where blocks begin


class Reward(nn.Module):
    def __init__(self, config, bias):
        super().__init__()
        self.backbone = ModernBertModel(config)
        self.score = nn.Linear(config.hidden_size, 1, bias=bias)

    def forward(self, input_ids, attention_mask):
        hidden = self.backbone(input_ids=input_ids, attention_mask=attention_mask).last_hidden_state
        mask = attention_mask.unsqueeze(-1).float()
        return hidden, self.score((hidden * mask).sum(1) / mask.sum(1))


def make_config(settings):
    config = ModernBertConfig(**{**BASE, **settings})
    config._attn_implementation = "eager"
    return config


def cases(generator, vocab):
    for length in LENGTHS:
        ids = torch.randint(3, vocab, (1, length), generator=generator)
        yield f"length {length}", ids, torch.ones_like(ids)
    for side, lengths in itertools.product(("right", "left"), ([40, 3, 17, 1], [450, 3, 390, 1])):
        ids = torch.zeros(4, lengths[0], dtype=torch.long)
        padded, mask = ids.clone(), ids.clone()
        for row, n in enumerate(lengths):
            at = slice(0, n) if side == "right" else slice(lengths[0] - n, lengths[0])
            padded[row, at] = torch.randint(3, vocab, (n,), generator=generator)
            mask[row, at] = 1
        yield f"{side} padding to {lengths[0]}", padded, mask


def main(out):
    for number, (name, settings) in enumerate(VARIANTS.items()):
        torch.manual_seed(number)
        model = Reward(make_config(settings), bias=number % 2 == 0).eval()
        for parameter in model.parameters():  # far from the initial values, so that norms and biases matter
            parameter.data += 0.3 * torch.randn_like(parameter)
        folder = Path(out) / name
        folder.mkdir(parents=True)
        save_file(model.state_dict(), folder / "model.safetensors", metadata={"format": "pt"})
        model.backbone.config.save_pretrained(folder)
        if name == "thetas":  # the spelling of transformers 4
            raw = json.loads((folder / "config.json").read_text())
            raw.pop("rope_parameters", None), raw.pop("layer_types", None)
            raw.update(global_rope_theta=5000.0, local_rope_theta=300.0, global_attn_every_n_layers=3)
            (folder / "config.json").write_text(json.dumps(raw))
        written, generator = [], torch.Generator().manual_seed(number)
        for case, ids, mask in cases(generator, BASE["vocab_size"]):
            with torch.inference_mode():
                hidden, logits = model(ids, mask)
            written.append(dict(name=case, input_ids=ids.tolist(), attention_mask=mask.tolist(),
                                hidden=hidden.flatten().tolist(), logits=logits.flatten().tolist()))
        (folder / "cases.json").write_text(json.dumps(written))


if __name__ == "__main__":
    main(sys.argv[1])
