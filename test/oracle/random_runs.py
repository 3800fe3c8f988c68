"""Plays training runs.

usage: random_runs.py OUT_DIR     one run folder a model: weights, config, tokenizer, test split, predictions, metrics

The models are small and random. Some checkpoints carry what older versions of transformers saved beside them.
"""
import csv
import json
import sys
from pathlib import Path

import torch
import transformers
from safetensors.torch import save_file
from tokenizers import Tokenizer, models, pre_tokenizers, processors
from torch import nn

SIZES = dict(vocab_size=64, hidden_size=32, intermediate_size=48, num_hidden_layers=2, num_attention_heads=4,
             max_position_embeddings=40, pad_token_id=1, bos_token_id=0, eos_token_id=2, cls_token_id=0, sep_token_id=2)
DISTILBERT = dict(SIZES, dim=32, hidden_dim=48, n_layers=2, n_heads=4)
for key in ("hidden_size", "intermediate_size", "num_hidden_layers", "num_attention_heads"):
    DISTILBERT.pop(key)
CLASSES = {
    "bert": ("Bert", SIZES), "roberta": ("Roberta", SIZES), "xlm-roberta": ("XLMRoberta", SIZES),
    "camembert": ("Camembert", SIZES), "distilbert": ("DistilBert", DISTILBERT),
    "electra": ("Electra", dict(SIZES, embedding_size=24)), "mpnet": ("MPNet", SIZES), "modernbert": ("ModernBert", SIZES),
    "deberta-v2": ("DebertaV2", dict(SIZES, relative_attention=True, position_buckets=8, pos_att_type="c2p|p2c", share_att_key=True,
                                     norm_rel_ebd="layer_norm", position_biased_input=False, type_vocab_size=0)),
    "nomic_bert": ("NomicBert", SIZES),
}  # fmt: skip
PLAIN = {
    "bert": dict(pooling="mean"),
    "bert-max": dict(pooling="max", encoder="net.bert"),
    "bert-no-pooler": dict(pooling="cls", arguments=dict(add_pooling_layer=False)),
    "bert-no-prefix": dict(pooling="mean", encoder=""),
    "bert-old": dict(pooling="mean", encoder="bert", extra=["bert.embeddings.position_ids", "cls.predictions.bias"]),
    "roberta": dict(pooling="cls"),
    "xlm-roberta": dict(pooling="mean", arguments=dict(add_pooling_layer=False)),
    "camembert": dict(pooling="mean"),
    "distilbert": dict(pooling="mean"),
    "electra": dict(pooling="max"),
    "mpnet": dict(pooling="mean"),
    "modernbert-max": dict(pooling="max"),
    "deberta-v2": dict(pooling="mean"),
    "bert-sharded": dict(pooling="mean"),
    "bert-pickled": dict(pooling="mean", encoder="bert", extra=["bert.embeddings.position_ids"]),
    "roberta-pickled": dict(pooling="cls"),
    "bert-bf16": dict(pooling="mean"),
    "roberta-fp16": dict(pooling="mean"),
    "modernbert-bf16": dict(pooling="cls"),
    "deberta-v2-fp16": dict(pooling="mean"),
    "nomic_bert": dict(pooling="mean"),
}
STOCK = list(CLASSES)
WORDS = "select count name from orders where status is open closed how many of which are there today".split()


class Container(nn.Module):
    pass


class Plain(nn.Module):
    def __init__(self, encoder, path, pooling, hidden_size):
        super().__init__()
        owner = self
        *parents, name = path.split(".")
        for parent in parents:
            owner._modules[parent] = Container()
            owner = owner._modules[parent]
        if name:
            owner._modules[name] = encoder
        else:
            self._modules.update(encoder._modules)
        self.score = nn.Linear(hidden_size, 1)
        self.encode, self.pooling = [encoder], pooling

    def forward(self, input_ids, attention_mask):
        hidden = self.encode[0](input_ids=input_ids, attention_mask=attention_mask).last_hidden_state
        mask = attention_mask.unsqueeze(-1)
        if self.pooling == "mean":
            return self.score((hidden * mask).sum(1) / mask.sum(1))
        if self.pooling == "max":
            return self.score(hidden.masked_fill(mask == 0, -1e9).max(1).values)
        return self.score(hidden[:, 0])


def make_tokenizer():
    vocab = {word: i for i, word in enumerate(["<s>", "<pad>", "</s>", "<unk>", "<mask>", *WORDS])}
    tokenizer = Tokenizer(models.WordLevel(vocab, unk_token="<unk>"))
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    tokenizer.post_processor = processors.TemplateProcessing(single="<s> $A </s>", special_tokens=[("<s>", 0), ("</s>", 2)])
    names = dict(pad_token="<pad>", cls_token="<s>", sep_token="</s>", unk_token="<unk>", mask_token="<mask>")
    inputs = ["input_ids", "attention_mask"]
    return transformers.PreTrainedTokenizerFast(tokenizer_object=tokenizer, model_input_names=inputs, model_max_length=24, **names)


def score(run, tokenizer, texts):
    batch = tokenizer(texts, padding=True, truncation=True, max_length=24, return_tensors="pt")
    with torch.inference_mode():
        return torch.sigmoid(run(batch["input_ids"], batch["attention_mask"]).view(-1)).tolist()


def write_run(folder, model, state, config, tokenizer, run, pooling, generator, save):
    folder.mkdir(parents=True)
    config.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    save(state, folder)
    draw = lambda n: " ".join(WORDS[i] for i in torch.randint(len(WORDS), (n,), generator=generator))
    texts = [draw(n) for n in (1, 2, 3, 5, 8, 13, 20, 30, 40)]
    predicted = score(run, tokenizer, texts)
    labels = [round(value, 3) for value in torch.rand(len(texts), generator=generator).tolist()]
    with open(folder / "test_set.csv", "w", newline="") as file:
        csv.writer(file).writerows([("text", "label"), *zip(texts, labels)])
    with open(folder / "test_predictions.csv", "w", newline="") as file:
        csv.writer(file).writerows([("label", "prediction"), *zip(labels, predicted)])
    errors = [p - t for p, t in zip(predicted, labels)]
    metrics = dict(mse=sum(e * e for e in errors) / len(errors), mae=sum(map(abs, errors)) / len(errors))
    (folder / "test_metrics.json").write_text(json.dumps(metrics))
    (folder / "expected.json").write_text(json.dumps(dict(pooling=pooling)))


def save_one(state, folder):
    save_file(state, folder / "model.safetensors", metadata={"format": "pt"})


def save_shards(state, folder):
    names = list(state)
    parts = [names[::2], names[1::2]]
    home = {}
    for number, part in enumerate(parts, 1):
        file = f"model-{number:05d}-of-00002.safetensors"
        save_file({name: state[name] for name in part}, folder / file, metadata={"format": "pt"})
        home.update((name, file) for name in part)
    index = dict(metadata=dict(total_size=0), weight_map=home)
    (folder / "model.safetensors.index.json").write_text(json.dumps(index))


def save_half(dtype):
    return lambda state, folder: save_one({name: tensor.to(dtype) for name, tensor in state.items()}, folder)


FORMS = {"sharded": save_shards, "pickled": lambda state, folder: torch.save(state, folder / "pytorch_model.bin"), "bf16": save_half(torch.bfloat16), "fp16": save_half(torch.float16)}


def contiguous(model):
    return {name: tensor.contiguous() for name, tensor in model.state_dict().items()}


def randomize(model):
    for parameter in model.parameters():
        parameter.data += 0.1 * torch.randn_like(parameter)
    return model.eval()


def make_plain(name, pooling, encoder="encoder", arguments={}, extra=()):
    base = next(key for key in sorted(CLASSES, key=len, reverse=True) if name.startswith(key))
    prefix, sizes = CLASSES[base]
    config = getattr(transformers, f"{prefix}Config")(**sizes)
    bert = getattr(transformers, f"{prefix}Model")(config, **arguments)
    config.architectures = [f"{prefix}Model"]
    model = randomize(Plain(bert, encoder, pooling, config.hidden_size))
    state = contiguous(model)
    for tensor in extra:
        state[tensor] = torch.arange(40)[None] if tensor.endswith("position_ids") else torch.zeros(64)
    return model, state, config


def make_stock(name):
    prefix, sizes = CLASSES[name]
    config = getattr(transformers, f"{prefix}Config")(**sizes, num_labels=1)
    stock = randomize(getattr(transformers, f"{prefix}ForSequenceClassification")(config))
    config.architectures = [type(stock).__name__]
    return stock, contiguous(stock), config


def write(out):
    tokenizer = make_tokenizer()
    for seed, (name, spec) in enumerate(PLAIN.items()):
        torch.manual_seed(seed)
        model, state, config = make_plain(name, **spec)
        form = name.split("-")[-1]
        if form in ("bf16", "fp16"):  # the reference computes in float32 with the rounded weights
            for parameter in model.parameters():
                parameter.data = parameter.data.to(torch.bfloat16 if form == "bf16" else torch.float16).float()
        generator = torch.Generator().manual_seed(seed)
        write_run(out / name, model, state, config, tokenizer, model, spec["pooling"], generator, FORMS.get(form, save_one))
    for seed, name in enumerate(STOCK):
        torch.manual_seed(seed)
        stock, state, config = make_stock(name)
        run = lambda ids, mask: stock(input_ids=ids, attention_mask=mask).logits
        generator = torch.Generator().manual_seed(seed)
        write_run(out / f"{name}-stock", stock, state, config, tokenizer, run, "mean", generator, save_one)


if __name__ == "__main__":
    transformers.logging.set_verbosity_error()
    transformers.logging.disable_progress_bar()
    write(Path(sys.argv[1]))
