"""Loads a model folder that holds a rendered modeling_reward.py in every way its card names, and compares scores.

    python check_shim.py FOLDER [FOLDER …]

Prints one JSON object: folder name -> {"check": largest difference or true}. Any surprise ends it with a traceback.
"""

import importlib.util
import json
import logging
import os
import sys
import tempfile
import warnings
from pathlib import Path

os.environ["HF_HUB_OFFLINE"] = "1"
os.environ["HF_MODULES_CACHE"] = tempfile.mkdtemp()

import torch
import transformers
from safetensors.torch import load_file, load_model
from transformers import (
    AutoConfig,
    AutoModel,
    AutoModelForSequenceClassification,
    AutoTokenizer,
    PreTrainedTokenizerFast,
    pipeline,
)

transformers.logging.set_verbosity_error()


def import_shim(folder):
    # Each folder's file under a name of its own; the card's reader has only one of them.
    name = "modeling_reward_" + folder.name.replace("-", "_")
    spec = importlib.util.spec_from_file_location(name, folder / "modeling_reward.py")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


def check(folder):
    expected = json.loads((folder / "expected.json").read_text())
    texts, logits, scores = (expected[key] for key in ("texts", "logits", "scores"))
    # AutoTokenizer reads config.json, so transformers 5 asks on the terminal whether to trust its code unless told.
    tokenizer = PreTrainedTokenizerFast.from_pretrained(folder)
    batch = tokenizer(texts, padding=True, return_tensors="pt")
    auto = AutoTokenizer.from_pretrained(folder, trust_remote_code=True)
    assert auto(texts)["input_ids"] == tokenizer(texts)["input_ids"]
    assert batch["attention_mask"].min() == 0, "the batch has no padding: it would hide a pooling fault"
    results = {}

    def compare(name, model):
        assert not model.training, name
        with torch.inference_mode():
            output = model(**batch)
        assert output["logits"].shape == output["scores"].shape == (len(texts), 1), name
        results[name] = max(
            distance(output["logits"].view(-1).tolist(), logits), distance(output["scores"].view(-1).tolist(), scores)
        )

    shim = import_shim(folder)
    model = shim.load_finetuned_model(str(folder), device="cpu")
    compare("load_finetuned_model", model)
    results["predict"] = distance(model.predict(texts, tokenizer, batch_size=2), scores)
    results["predict one"] = distance(model.predict(texts[1], tokenizer), scores[1:2])

    # The way of the first README: the class from a base model's name, then a state dict.
    model = shim.BERTRewardModel(model_name=str(folder / "base"))
    missing, unexpected = model.load_state_dict(load_file(folder / "model.safetensors"))
    assert not missing and not unexpected
    model.eval()
    compare("model_name + load_state_dict", model)
    one = tokenizer(texts[0], return_tensors="pt", truncation=True, max_length=32)
    results["one text"] = abs(model(**one)["scores"].item() - scores[0])
    compare("positional name", load_weights(shim.BERTRewardModel(str(folder / "base")), folder))
    compare("config", load_weights(shim.BERTRewardModel(shim.BERTRewardConfig.from_pretrained(folder)), folder))

    for auto in (AutoModel, AutoModelForSequenceClassification):
        model, info = auto.from_pretrained(folder, trust_remote_code=True, output_loading_info=True)
        for kind in ("missing_keys", "unexpected_keys", "mismatched_keys"):
            assert not info[kind], f"{auto.__name__}: {kind} {info[kind]}"
        compare(auto.__name__, model)
        assert model.config.model_type == "modernbert_reward"
    assert type(AutoConfig.from_pretrained(folder, trust_remote_code=True)).__name__ == "BERTRewardConfig"
    assert model.config._attn_implementation == "sdpa"

    hidden = model(**batch, output_hidden_states=True).hidden_states
    assert len(hidden) >= model.config.num_hidden_layers
    assert isinstance(model(**batch, return_dict=False), tuple)
    model(**batch, token_type_ids=torch.zeros_like(batch["input_ids"]), num_items_in_batch=3)
    embeds = model.get_input_embeddings()(batch["input_ids"])
    by_embeds = model(inputs_embeds=embeds, attention_mask=batch["attention_mask"])
    results["inputs_embeds"] = distance(by_embeds.logits.view(-1).tolist(), logits)

    output = model.train()(**batch, labels=torch.tensor([0.1, 0.5, 0.9]))
    truth = sum((s - t) ** 2 for s, t in zip(scores, [0.1, 0.5, 0.9])) / 3
    results["loss"] = abs(output.loss.item() - truth)
    output.loss.backward()
    assert all(parameter.grad is not None for parameter in model.parameters())
    model.eval()

    sigmoid = [1 / (1 + pow(2.718281828459045, -logit)) for logit in logits]
    pipe = pipeline("text-classification", model=str(folder), trust_remote_code=True)
    results["pipeline"] = distance([item["score"] for item in pipe(texts)], sigmoid)

    for auto in (AutoConfig, AutoModel, AutoModelForSequenceClassification):
        try:
            auto.from_pretrained(folder, trust_remote_code=False)
        except ValueError:
            continue
        raise AssertionError(f"{auto.__name__} loaded without trust_remote_code")
    results["refused without trust_remote_code"] = True

    with tempfile.TemporaryDirectory(prefix="saved_") as saved:
        model.save_pretrained(saved)
        assert (Path(saved) / "modeling_reward.py").is_file(), "save_pretrained left the code behind"
        again, info = AutoModelForSequenceClassification.from_pretrained(
            saved, trust_remote_code=True, output_loading_info=True
        )
        assert not info["missing_keys"] and not info["unexpected_keys"]
        compare("save_pretrained and reload", again)
        assert sorted(load_file(f"{saved}/model.safetensors")) == sorted(load_file(folder / "model.safetensors"))

    with tempfile.TemporaryDirectory() as pickled:
        (Path(pickled) / "config.json").write_bytes((folder / "config.json").read_bytes())
        torch.save(load_file(folder / "model.safetensors"), Path(pickled) / "pytorch_model.bin")
        compare("pytorch_model.bin", shim.load_finetuned_model(pickled))

    results["falls back to the CPU"] = falls_back(shim, folder)
    row = {"sql": "select {count}", "nl": "how many"}
    assert shim.format_input(row) == "SQL: select {count}\nNL: how many {orders}", shim.format_input(row)
    return results


def load_weights(model, folder):
    load_model(model, folder / "model.safetensors")
    return model.eval()


def falls_back(shim, folder):
    """A GPU without room, played: there is none here."""
    to, available = shim.BERTRewardModel.to, torch.cuda.is_available

    def refuse(self, device, *rest):
        if str(device) == "cuda":
            raise torch.cuda.OutOfMemoryError("CUDA out of memory.")
        return to(self, device, *rest)

    shim.BERTRewardModel.to, torch.cuda.is_available = refuse, lambda: True
    try:
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            model = shim.load_finetuned_model(folder)
    finally:
        shim.BERTRewardModel.to, torch.cuda.is_available = to, available
    return model.device.type == "cpu" and any("CPU" in str(warning.message) for warning in caught)


def distance(a, b):
    assert len(a) == len(b)
    return max(abs(x - y) for x, y in zip(a, b))


logging.disable(logging.WARNING)
print(json.dumps({"transformers": transformers.__version__, **{Path(f).name: check(Path(f)) for f in sys.argv[1:]}}))
