"""Writes small random encoders of every architecture but ModernBERT, with what transformers computes for them.

usage: random_encoders.py OUT_DIR

Each folder holds config.json, model.safetensors and cases.json: inputs, last hidden states and logits in float32. A
folder whose name ends in "-stock" is a …ForSequenceClassification; the others are plain modules: the encoder, a pooling
and a linear layer. Padding on the left is what transformers computes for it, whatever that is worth.
"""
import itertools
import json
import sys
from pathlib import Path

import torch
import transformers
from safetensors.torch import save_file
from torch import nn

BERT = dict(vocab_size=97, hidden_size=32, intermediate_size=48, num_hidden_layers=3, num_attention_heads=4,
            max_position_embeddings=64)
ROBERTA = dict(BERT, max_position_embeddings=66, type_vocab_size=1)
DISTILBERT = dict(vocab_size=97, dim=32, hidden_dim=48, n_layers=3, n_heads=4, max_position_embeddings=64)
DEBERTA = dict(BERT, max_position_embeddings=200)
V3 = dict(relative_attention=True, position_buckets=16, pos_att_type=["c2p", "p2c"], share_att_key=True, norm_rel_ebd="layer_norm",
          position_biased_input=False, type_vocab_size=0)
MODELS = {
    "bert": ("Bert", BERT, {
        "plain": {}, "relu": dict(hidden_act="relu"), "gelu-new": dict(hidden_act="gelu_new"), "silu": dict(hidden_act="silu"),
        "eps": dict(layer_norm_eps=1e-2), "wide": dict(num_attention_heads=2, hidden_size=40, intermediate_size=33),
        "one-type": dict(type_vocab_size=1), "one-layer": dict(num_hidden_layers=1),
    }),
    "roberta": ("Roberta", ROBERTA, {"plain": {}, "pad-3": dict(pad_token_id=3, max_position_embeddings=68),
                                     "pad-0": dict(pad_token_id=0, max_position_embeddings=65), "gelu-new": dict(hidden_act="gelu_new")}),
    "xlm-roberta": ("XLMRoberta", ROBERTA, {"plain": {}, "eps": dict(layer_norm_eps=1e-3)}),
    "camembert": ("Camembert", ROBERTA, {"plain": {}}),
    "distilbert": ("DistilBert", DISTILBERT, {"plain": {}, "relu": dict(activation="relu"), "wide": dict(n_heads=2, dim=40)}),
    "electra": ("Electra", dict(BERT, embedding_size=32), {"plain": {}, "projected": dict(embedding_size=24), "eps": dict(layer_norm_eps=1e-2)}),
    "mpnet": ("MPNet", dict(BERT, max_position_embeddings=262), {"plain": {}, "wide": dict(num_attention_heads=2, hidden_size=40), "gelu-new": dict(hidden_act="gelu_new")}),
    "deberta-v2": ("DebertaV2", DEBERTA, {
        "plain": {}, "v3": dict(V3), "c2p": dict(V3, pos_att_type=["c2p"]), "p2c": dict(V3, pos_att_type="p2c"),
        "no-buckets": dict(V3, position_buckets=-1), "separate": dict(V3, share_att_key=False), "no-norm": dict(V3, norm_rel_ebd="none"),
        "few-positions": dict(V3, max_relative_positions=40, position_buckets=8), "neither": dict(V3, pos_att_type=[]),
        "biased": dict(V3, position_biased_input=True, type_vocab_size=2), "narrow": dict(V3, embedding_size=24),
    }),
    "nomic_bert": ("NomicBert", dict(BERT, max_position_embeddings=64), {
        "plain": {}, "theta": dict(rope_parameters=dict(rope_type="default", rope_theta=50.0)), "gelu": dict(hidden_act="gelu"),
    }),
}  # fmt: skip
STOCK = {
    "modernbert": ("ModernBert", dict(BERT, local_attention=8, pad_token_id=0), {
        "cls": {}, "mean": dict(classifier_pooling="mean"), "bias": dict(classifier_bias=True, norm_bias=True, norm_eps=1e-3),
        "relu": dict(classifier_activation="relu"),
    }),
}  # fmt: skip


class Reward(nn.Module):
    """What authors write: an encoder under a name of its own, a pooling, one linear layer."""

    def __init__(self, encoder, hidden_size, pooling, bias):
        super().__init__()
        self.backbone = encoder
        self.score = nn.Linear(hidden_size, 1, bias=bias)
        self.pooling = pooling

    def forward(self, input_ids, attention_mask):
        hidden = self.backbone(input_ids=input_ids, attention_mask=attention_mask).last_hidden_state
        mask = attention_mask.unsqueeze(-1).float()
        if self.pooling == "mean":
            pooled = (hidden * mask).sum(1) / mask.sum(1)
        elif self.pooling == "max":
            pooled = hidden.masked_fill(mask == 0, float("-inf")).max(1).values
        else:
            pooled = hidden[:, 0]
        return hidden, self.score(pooled)


class Stock(nn.Module):
    def __init__(self, model):
        super().__init__()
        self.model = model

    def forward(self, input_ids, attention_mask):
        output = self.model(input_ids=input_ids, attention_mask=attention_mask, output_hidden_states=True)
        return output.hidden_states[-1], output.logits


def cases(generator, config, lengths):
    vocab, pad = config.vocab_size, config.pad_token_id or 0
    draw = lambda *shape: torch.randint(5, vocab, shape, generator=generator)
    for length in lengths:
        ids = draw(1, length)
        yield f"length {length}", ids, torch.ones_like(ids)
    longest = lengths[-1]
    for side, rows in itertools.product(("right", "left"), ([longest, 3, longest // 2, 1], [9, 1])):
        ids = torch.full((len(rows), rows[0]), pad)
        mask = torch.zeros_like(ids)
        for row, n in enumerate(rows):
            at = slice(0, n) if side == "right" else slice(rows[0] - n, rows[0])
            ids[row, at], mask[row, at] = draw(n), 1
        yield f"{side} padding to {rows[0]}", ids, mask
    # A padding id among the tokens, and a padded place with another id: ids and mask are two different things.
    ids = draw(2, 12)
    mask = torch.ones_like(ids)
    ids[0, 4], mask[1, 9:] = pad, 0
    yield "padding id inside", ids, mask


def write(folder, model, saved, config, seed, longest, spread):
    for parameter in model.parameters():  # far from the initial values, so that norms and biases matter
        parameter.data += spread * torch.randn_like(parameter)
    folder.mkdir(parents=True)
    save_file({k: v.contiguous() for k, v in saved.state_dict().items()}, folder / "model.safetensors", metadata={"format": "pt"})
    config.save_pretrained(folder)
    written, generator = [], torch.Generator().manual_seed(seed)
    lengths = [1, 2, 3, 8, 17, 31, longest - 1, longest]
    for case, ids, mask in cases(generator, config, lengths):
        with torch.inference_mode():
            hidden, logits = model(ids, mask)
        written.append(dict(name=case, input_ids=ids.tolist(), attention_mask=mask.tolist(),
                            hidden=hidden.flatten().tolist(), logits=logits.flatten().tolist()))
    (folder / "cases.json").write_text(json.dumps(written))


def main(out):
    seed = 0
    for kind, models in (("plain", MODELS), ("stock", {**MODELS, **STOCK})):
        for name, (prefix, base, variants) in models.items():
            for variant, settings in variants.items():
                torch.manual_seed(seed)
                seed += 1
                config = getattr(transformers, f"{prefix}Config")(**{**base, **settings}, num_labels=1)
                config._attn_implementation = "eager"
                longest = config.max_position_embeddings
                if name in ("roberta", "xlm-roberta", "camembert"):
                    longest -= config.pad_token_id + 1
                if name == "mpnet":
                    longest -= 2
                if kind == "plain":
                    pooling = ("mean", "cls", "max")[seed % 3]
                    encoder = getattr(transformers, f"{prefix}Model")(config)
                    model = Reward(encoder, config.hidden_size, pooling, bias=seed % 2 == 0).eval()
                    config.hubwright_pooling = pooling
                    saved = model
                else:
                    saved = getattr(transformers, f"{prefix}ForSequenceClassification")(config)
                    config.architectures = [type(saved).__name__]
                    model = Stock(saved).eval()
                suffix = "-stock" if kind == "stock" else ""
                write(Path(out) / f"{name}-{variant}{suffix}", model, saved, config, seed, longest, 0.3 if kind == "plain" else 0.15)


if __name__ == "__main__":
    main(sys.argv[1])
