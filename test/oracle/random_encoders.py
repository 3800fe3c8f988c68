"""Writes small random encoders of every architecture, with what transformers computes for them.

usage: random_encoders.py OUT_DIR [FOLDER...]     all of them, or those of these names

Each folder holds config.json, model.safetensors and cases.json: inputs, last hidden states and logits in float32. A
folder whose name ends in "-stock" is a …ForSequenceClassification; the others are plain modules: the encoder, a pooling
and a linear layer. The model is made from config.json as transformers reads it back. Padding on the left is what
transformers computes for it, whatever that is worth.

Runs under transformers 4.57 and 5. Prints one JSON object: which folders this version cannot have, and why.
"""
import json
import sys
from pathlib import Path

import torch
import transformers
from safetensors.torch import save_file
from torch import nn

BERT = dict(vocab_size=97, hidden_size=32, intermediate_size=48, num_hidden_layers=3, num_attention_heads=4,
            max_position_embeddings=64, pad_token_id=0)
ROBERTA = dict(BERT, max_position_embeddings=66, type_vocab_size=1, pad_token_id=1)
DISTILBERT = dict(vocab_size=97, dim=32, hidden_dim=48, n_layers=3, n_heads=4, max_position_embeddings=64, pad_token_id=0)
MPNET = dict(BERT, max_position_embeddings=262, pad_token_id=1)
DEBERTA = dict(BERT, max_position_embeddings=200)
V3 = dict(relative_attention=True, position_buckets=16, pos_att_type=["c2p", "p2c"], share_att_key=True, norm_rel_ebd="layer_norm",
          position_biased_input=False, type_vocab_size=0)
MODERNBERT = dict(BERT, num_hidden_layers=4, local_attention=16, max_position_embeddings=512, bos_token_id=1, eos_token_id=2,
                  cls_token_id=1, sep_token_id=2)
FULL, SLIDING = "full_attention", "sliding_attention"
TWO_THETAS = {FULL: dict(rope_type="default", rope_theta=5000.0), SLIDING: dict(rope_type="default", rope_theta=300.0)}
# Tables so small that the first norm divides by its epsilon as much as by the spread of what it is given.
SMALL = dict(embedding_scale=1e-3)
# More words than a table may have that int8 leaves in float32.
WORDS = dict(vocab_size=4200)
MODELS = {
    "bert": ("Bert", BERT, {
        "plain": {}, "relu": dict(hidden_act="relu"), "gelu-new": dict(hidden_act="gelu_new"), "silu": dict(hidden_act="silu"),
        "eps": dict(layer_norm_eps=1e-2), "wide": dict(num_attention_heads=2, hidden_size=40, intermediate_size=33),
        "one-type": dict(type_vocab_size=1), "one-layer": dict(num_hidden_layers=1), "small": SMALL, "words": WORDS,
    }),
    "roberta": ("Roberta", ROBERTA, {"plain": {}, "pad-3": dict(pad_token_id=3, max_position_embeddings=68),
                                     "pad-0": dict(pad_token_id=0, max_position_embeddings=65), "gelu-new": dict(hidden_act="gelu_new"),
                                     "small": dict(SMALL, layer_norm_eps=1e-5), "words": WORDS}),
    "xlm-roberta": ("XLMRoberta", ROBERTA, {"plain": {}, "eps": dict(layer_norm_eps=1e-3), "small": dict(SMALL, layer_norm_eps=1e-5),
                                            "words": WORDS}),
    "camembert": ("Camembert", ROBERTA, {"plain": {}, "gelu-new": dict(hidden_act="gelu_new"), "small": SMALL, "words": WORDS}),
    "distilbert": ("DistilBert", DISTILBERT, {"plain": {}, "relu": dict(activation="relu"), "wide": dict(n_heads=2, dim=40), "small": SMALL,
                                              "words": WORDS}),
    "electra": ("Electra", dict(BERT, embedding_size=32), {"plain": {}, "projected": dict(embedding_size=24), "eps": dict(layer_norm_eps=1e-2),
                                                          "gelu-new": dict(hidden_act="gelu_new"), "small": SMALL, "words": dict(WORDS, embedding_size=24)}),
    "mpnet": ("MPNet", MPNET, {"plain": {}, "wide": dict(num_attention_heads=2, hidden_size=40), "gelu-new": dict(hidden_act="gelu_new"),
                               "small": dict(SMALL, layer_norm_eps=1e-5), "words": WORDS}),
    "deberta-v2": ("DebertaV2", DEBERTA, {
        "plain": {}, "v3": V3, "c2p": dict(V3, pos_att_type=["c2p"]), "p2c": dict(V3, pos_att_type="p2c"),
        "no-buckets": dict(V3, position_buckets=-1), "separate": dict(V3, share_att_key=False), "no-norm": dict(V3, norm_rel_ebd="none"),
        "few-positions": dict(V3, max_relative_positions=40, position_buckets=8), "neither": dict(V3, pos_att_type=[]),
        "biased": dict(V3, position_biased_input=True, type_vocab_size=2), "narrow": dict(V3, embedding_size=24),
        "gelu-new": dict(V3, hidden_act="gelu_new"), "small": dict(V3, **SMALL),
        "words": dict(V3, **WORDS), "words-biased": dict(V3, **WORDS) | dict(share_att_key=False, position_biased_input=True, type_vocab_size=2),
    }),
    "nomic_bert": ("NomicBert", BERT, {
        "plain": {}, "theta": dict(rope_parameters=dict(rope_type="default", rope_theta=50.0)), "theta-alone": dict(rope_theta=50.0),
        "gelu": dict(hidden_act="gelu"), "gelu-tanh": dict(hidden_act="gelu_pytorch_tanh"), "small": SMALL, "words": WORDS,
    }),
    "modernbert": ("ModernBert", MODERNBERT, {
        "plain": {}, "odd-window": dict(local_attention=7), "window-one": dict(local_attention=1),
        "odd-window-beyond-a-block": dict(local_attention=131), "every-first": dict(global_attn_every_n_layers=1),
        "every-second": dict(global_attn_every_n_layers=2, num_hidden_layers=5), "every-third": dict(global_attn_every_n_layers=3),
        "thetas": dict(global_rope_theta=5000.0, local_rope_theta=300.0), "one-theta": dict(global_rope_theta=5000.0, local_rope_theta=None),
        "layer-types": dict(layer_types=[SLIDING, FULL, FULL, SLIDING]), "rope-parameters": dict(rope_parameters=TWO_THETAS),
        "biases": dict(attention_bias=True, mlp_bias=True, norm_bias=True, decoder_bias=True, classifier_bias=True),
        "gelu-tanh": dict(hidden_activation="gelu_pytorch_tanh"), "gelu-new": dict(hidden_activation="gelu_new"), "eps": dict(norm_eps=1e-3),
        "wide": dict(num_attention_heads=2, hidden_size=40, intermediate_size=33), "small": SMALL,
        "words": dict(WORDS, attention_bias=True, mlp_bias=True, norm_bias=True),
    }),
}  # fmt: skip
STOCK = {
    **MODELS,
    "modernbert": ("ModernBert", dict(MODERNBERT, max_position_embeddings=64, local_attention=8), {
        "cls": {}, "mean": dict(classifier_pooling="mean"), "bias": dict(classifier_bias=True, norm_bias=True, norm_eps=1e-3),
        "relu": dict(classifier_activation="relu"),
    }),
}  # fmt: skip
# Settings that only one generation of transformers reads; the other computes with its defaults, or refuses them.
ONLY_IN = {
    "modernbert-layer-types": 5, "modernbert-rope-parameters": 5,
    "modernbert-one-theta": 4,
}  # fmt: skip
# Its config.json is left as it is spelled above, where others are saved again and so spelled as this transformers does.
AS_SPELLED = {"modernbert-every-second", "modernbert-thetas", "modernbert-one-theta", "modernbert-layer-types",
              "modernbert-rope-parameters", "nomic_bert-theta-alone"}  # fmt: skip
MAJOR = int(transformers.__version__.split(".")[0])


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
        inputs = dict(input_ids=input_ids, attention_mask=attention_mask)
        # Not the head's own list of hidden states: transformers 4 keeps ModernBERT's last norm out of it.
        return self.model.base_model(**inputs).last_hidden_state, self.model(**inputs).logits


def list_lengths(config, longest):
    window = getattr(config, "local_attention", None)
    if window is None:
        return [1, 2, 3, 8, 17, 31, longest - 1, longest]
    # Around where the window ends, on one side and on both, and around where blocks begin and end.
    edges = {window // 2 + step for step in (-1, 0, 1, 2)} | {window + step for step in (-1, 0, 1, 2)}
    return sorted({n for n in {1, 2, 40, 128, 384, 385, 449, longest} | edges if 0 < n <= longest})


def list_paddings(config, longest):
    """Lengths of the rows of a batch, and to what they are padded."""
    yield [longest, 3, longest // 2, 1], longest
    yield [9, 1], 9
    yield [1], 7
    window = getattr(config, "local_attention", None)
    if window is not None:
        yield [min(longest, n) for n in (window + 1, window, window // 2 + 1, 1)], min(longest, window + 3)
        yield [min(longest, n) for n in (450, 3, 390, 1)], min(longest, 450)


def list_cases(generator, config, longest):
    vocab, pad = config.vocab_size, config.pad_token_id
    draw = lambda *shape: torch.randint(5, vocab, shape, generator=generator)
    for length in list_lengths(config, longest):
        ids = draw(1, length)
        yield f"length {length}", ids, torch.ones_like(ids)
    for lengths, width in list_paddings(config, longest):
        for side in ("right", "left"):
            ids = torch.full((len(lengths), width), pad)
            mask = torch.zeros_like(ids)
            for row, n in enumerate(lengths):
                at = slice(0, n) if side == "right" else slice(width - n, width)
                ids[row, at], mask[row, at] = draw(n), 1
            yield f"{side} padding of {lengths} to {width}", ids, mask
    # A padding id among the tokens, and a padded place with another id: ids and mask are two different things.
    ids = draw(2, 12)
    mask = torch.ones_like(ids)
    ids[0, 4], mask[1, 9:] = pad, 0
    yield "padding id inside", ids, mask


def randomize(model, spread, embedding_scale):
    for name, parameter in model.named_parameters():  # far from the initial values, so that norms and biases matter
        parameter.data += spread * torch.randn_like(parameter)
        if "embeddings" in name and parameter.dim() == 2:
            parameter.data *= embedding_scale


def write_config(folder, settings, saves_again):
    folder.mkdir(parents=True)
    (folder / "config.json").write_text(json.dumps(settings))
    config = transformers.AutoConfig.from_pretrained(folder)
    if saves_again:
        config.save_pretrained(folder)
    config._attn_implementation = "eager"
    return config


def write(folder, kind, prefix, settings, seed):
    torch.manual_seed(seed)
    pooling = ("mean", "cls", "max")[seed % 3]
    embedding_scale = settings.pop("embedding_scale", 1)
    if kind == "plain":
        settings["hubwright_pooling"] = pooling
    else:
        settings.update(architectures=[f"{prefix}ForSequenceClassification"], num_labels=1)
    config = write_config(folder, settings, folder.name not in AS_SPELLED)
    longest = config.max_position_embeddings
    if config.model_type in ("roberta", "xlm-roberta", "camembert"):
        longest -= config.pad_token_id + 1
    if config.model_type == "mpnet":
        longest -= 2
    if kind == "plain":
        saved = model = Reward(getattr(transformers, f"{prefix}Model")(config), config.hidden_size, pooling, bias=seed % 2 == 0)
    else:
        saved = getattr(transformers, f"{prefix}ForSequenceClassification")(config)
        model = Stock(saved)
    # With 0.3, float32 itself is off by 2e-4 in rows of 512 tokens: transformers in float32 against itself in float64.
    randomize(model, 0.2 if kind == "plain" else 0.15, embedding_scale)
    save_file({k: v.contiguous() for k, v in saved.state_dict().items()}, folder / "model.safetensors", metadata={"format": "pt"})
    model.eval()
    cases = []
    for name, ids, mask in list_cases(torch.Generator().manual_seed(seed), config, longest):
        with torch.inference_mode():
            hidden, logits = model(ids, mask)
        cases.append(dict(name=name, input_ids=ids.tolist(), attention_mask=mask.tolist(),
                          hidden=hidden.flatten().tolist(), logits=logits.flatten().tolist()))
    (folder / "cases.json").write_text(json.dumps(cases))


def why_not(name, prefix):
    if not hasattr(transformers, f"{prefix}Model"):
        return f"transformers {transformers.__version__} has no {prefix}"
    if ONLY_IN.get(name, MAJOR) != MAJOR:
        return f"only transformers {ONLY_IN[name]} reads its settings"
    return None


def main(out, wanted):
    seed, lacking, written = 0, {}, set()
    for kind, models in (("plain", MODELS), ("stock", STOCK)):
        for model_type, (prefix, base, variants) in models.items():
            for variant, settings in variants.items():
                seed += 1
                name = f"{model_type}-{variant}" + ("-stock" if kind == "stock" else "")
                if wanted and name not in wanted:
                    continue
                written.add(name)
                reason = why_not(name, prefix)
                if reason is None:
                    write(Path(out) / name, kind, prefix, {"model_type": model_type, **base, **settings}, seed)
                else:
                    lacking[name] = reason
    if wanted - written:
        sys.exit(f"no such folder: {', '.join(sorted(wanted - written))}")
    print(json.dumps(lacking))


if __name__ == "__main__":
    main(sys.argv[1], set(sys.argv[2:]))
