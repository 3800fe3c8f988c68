"""Loads a published reward model in every way its readers do, and compares what each way scores.

    python loading_paths.py SPEC.json

SPEC is an object, or a list of them:

    repo, revision          where the model is: a Hub id (HF_ENDPOINT says which Hub), or a folder without a revision
    hasCode                 whether loading it takes trust_remote_code=True
    kind                    "wrapper": loads modeling_reward.py; "stock": a class of transformers' own
    base                    id of the base model whose config the wrapper can be built from, or null
    pooling                 "mean", "cls" or "max"
    activation              "sigmoid" or "identity": what turns logits into scores
    rows, texts, scores     rows of different lengths, the text that each makes, and the score expected of it
    maxLength               tokens to truncate to
    hasOnnx                 whether model.onnx is there
    layouts                 further layouts in the repository: "sentence-transformers"
    snippets                of the card: [{"name", "code", "expected"}]; run in the downloaded folder

Prints one JSON object: the versions of the libraries, and for each spec a list of
{"path", "status": "pass" | "fail" | "skip", "difference", "reason"}. A way that fails fails alone.
"""

import contextlib
import importlib.util
import io
import json
import logging
import math
import os
import re
import sys
import tempfile
import warnings
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import torch
import transformers
from safetensors.torch import load_file
from transformers import (
    AutoConfig,
    AutoModel,
    AutoModelForSequenceClassification,
    AutoTokenizer,
    PreTrainedTokenizerFast,
)

TOLERANCE = 1e-5  # of float32 scores
BF16_TOLERANCE = 3e-2  # bfloat16 keeps eight bits of a number
PATHS = {"wrapper": [], "stock": []}


class Skip(Exception):
    """This way cannot be tried here; the text says why."""


def path(name, *kinds, tolerance=TOLERANCE):
    """Registers a way to load: a function of a Model that returns one score a text."""

    def register(function):
        for kind in kinds or PATHS:
            PATHS[kind].append((name, function, tolerance))
        return function

    return register


class Model:
    """One spec, and what several ways need of it."""

    def __init__(self, spec):
        self.__dict__.update(spec)
        self.at = {"revision": spec["revision"]} if spec.get("revision") else {}
        self.trust = {"trust_remote_code": True} if spec["hasCode"] else {}
        if Path(self.repo).is_dir():
            self.folder = Path(self.repo).resolve()
        else:
            from huggingface_hub import snapshot_download

            self.folder = Path(snapshot_download(self.repo, **self.at))
        self.tokenizer = PreTrainedTokenizerFast.from_pretrained(self.folder)
        self.batch = self.encode(self.texts)

    def encode(self, texts, to="pt"):
        encoded = self.tokenizer(
            texts, padding=True, truncation=True, max_length=self.maxLength, return_tensors=to
        )
        return {name: encoded[name] for name in ("input_ids", "attention_mask")}

    def shim(self):
        """modeling_reward.py of the downloaded folder, imported as a plain file."""
        name = f"modeling_reward_{abs(hash(self.folder))}"
        if name not in sys.modules:
            spec = importlib.util.spec_from_file_location(name, self.folder / "modeling_reward.py")
            module = importlib.util.module_from_spec(spec)
            sys.modules[name] = module
            spec.loader.exec_module(module)
        return sys.modules[name]

    def load(self, auto=AutoModelForSequenceClassification, **options):
        """from_pretrained, which must account for every tensor."""
        model, info = auto.from_pretrained(
            self.repo, **self.at, **self.trust, **options, output_loading_info=True
        )
        for kind in ("missing_keys", "unexpected_keys", "mismatched_keys"):
            assert not info[kind], f"{kind}: {sorted(info[kind])[:3]}"
        assert not model.training, "the model is in training mode"
        return model

    def score(self, model, batch=None):
        batch = {name: value.to(model.device) for name, value in (batch or self.batch).items()}
        with torch.inference_mode():
            output = model(**batch)
        logits = output["logits"]
        assert logits.shape == (len(batch["input_ids"]), 1), f"logits are {list(logits.shape)}"
        scores = self.activate(logits.float())
        if self.kind == "wrapper":
            told = output["scores"].float()
            assert torch.allclose(told, scores, atol=1e-2 if logits.dtype == torch.bfloat16 else 1e-6)
        return scores.flatten().tolist()

    def copy_to(self, folder):
        """The model's files themselves: those of the cache are links, which ONNX Runtime does not follow everywhere."""
        if Path(self.repo).is_dir():
            return self.folder
        from huggingface_hub import snapshot_download

        return Path(snapshot_download(self.repo, **self.at, local_dir=folder))

    def read_state_dict(self, loaded=None):
        """The checkpoint's tensors; without those that the loaded model says it has no use for."""
        unused = (loaded._keys_to_ignore_on_load_unexpected if loaded is not None else None) or []
        state = {}
        for file in sorted(self.folder.glob("model*.safetensors")):
            state.update(load_file(file))
        return {name: value for name, value in state.items() if not any(re.search(u, name) for u in unused)}

    def activate(self, logits):
        return torch.sigmoid(logits) if self.activation == "sigmoid" else logits


def first_line(error):
    text = (str(error).strip() or type(error).__name__).splitlines()[0]
    return f"{type(error).__name__}: {text}"[:300]


def needs(package):
    if importlib.util.find_spec(package) is None:
        raise Skip(f"{package} is not installed")


@path("AutoTokenizer gives the ids of PreTrainedTokenizerFast")
def auto_tokenizer(model):
    auto = AutoTokenizer.from_pretrained(model.repo, **model.at, **model.trust)
    assert auto(model.texts)["input_ids"] == model.tokenizer(model.texts)["input_ids"], "other token ids"


@path("AutoModelForSequenceClassification")
def auto_model_for_sequence_classification(model):
    return model.score(model.load())


@path("AutoModel", "wrapper")
def auto_model(model):
    return model.score(model.load(AutoModel))


@path("AutoConfig", "wrapper")
def auto_config(model):
    config = AutoConfig.from_pretrained(model.repo, **model.at, trust_remote_code=True)
    assert type(config).__name__ == "BERTRewardConfig", type(config).__name__
    assert config.model_type.endswith("_reward"), config.model_type


@path("one text at a time")
def unbatched(model):
    loaded = model.load()
    return [model.score(loaded, model.encode([text]))[0] for text in model.texts]


@path("padded on the left")
def padded_left(model):
    loaded = model.load()
    if not loaded.config.model_type.startswith("modernbert"):
        raise Skip("this encoder's positions are absolute, and it is padded on the right")
    if model.pooling == "cls":
        raise Skip("the score is read at the first position, which padding would take")
    side, model.tokenizer.padding_side = model.tokenizer.padding_side, "left"
    try:
        batch = model.encode(model.texts)
    finally:
        model.tokenizer.padding_side = side
    return model.score(loaded, batch)


@path('device_map="auto"')
def device_map(model):
    needs("accelerate")
    return model.score(model.load(device_map="auto"))


@path("bfloat16", tolerance=BF16_TOLERANCE)
def bfloat16(model):
    loaded = model.load(torch_dtype=torch.bfloat16)
    assert next(loaded.parameters()).dtype == torch.bfloat16
    return model.score(loaded)


@path('pipeline("text-classification")')
def pipeline(model):
    pipe = transformers.pipeline(
        "text-classification", model=model.repo, **model.at, **model.trust, device="cpu"
    )
    items = pipe(model.texts, truncation=True, max_length=model.maxLength, batch_size=4)
    return [item["score"] for item in items]


@path("refused without trust_remote_code", "wrapper")
def refused(model):
    for auto in (AutoConfig, AutoModel, AutoModelForSequenceClassification):
        try:
            auto.from_pretrained(model.repo, **model.at, trust_remote_code=False)
        except ValueError:
            continue
        raise AssertionError(f"{auto.__name__} loaded it without a word")


@path("hidden states, embeddings, tuple and extra inputs", "wrapper")
def interface(model):
    loaded = model.load()
    with torch.inference_mode():
        hidden = loaded(**model.batch, output_hidden_states=True).hidden_states
        assert len(hidden) >= loaded.config.num_hidden_layers
        assert isinstance(loaded(**model.batch, return_dict=False), tuple)
        loaded(**model.batch, token_type_ids=torch.zeros_like(model.batch["input_ids"]), num_items_in_batch=3)
        embeds = loaded.get_input_embeddings()(model.batch["input_ids"])
        output = loaded(inputs_embeds=embeds, attention_mask=model.batch["attention_mask"])
    return output.scores.flatten().tolist()


@path("a training step, save_pretrained and reload", "wrapper")
def trains(model):
    needs("accelerate")
    loaded = model.load().train()
    rows = [
        {"input_ids": ids, "attention_mask": mask, "labels": torch.tensor(0.5)}
        for ids, mask in zip(model.batch["input_ids"], model.batch["attention_mask"])
    ]
    with tempfile.TemporaryDirectory(prefix="trained_") as folder:
        arguments = transformers.TrainingArguments(
            folder, max_steps=1, learning_rate=1e-3, per_device_train_batch_size=2, report_to=[], use_cpu=True,
            save_strategy="no", disable_tqdm=True,
        )  # fmt: skip
        # What Trainer logs goes to stdout, which is this program's own.
        with contextlib.redirect_stdout(io.StringIO()):
            outcome = transformers.Trainer(loaded, arguments, train_dataset=rows).train()
        assert math.isfinite(outcome.training_loss), outcome.training_loss
        trained = model.score(loaded.eval())
        assert max(abs(a - b) for a, b in zip(trained, model.scores)) > 1e-7, "the step changed nothing"
        loaded.save_pretrained(folder)
        assert (Path(folder) / "modeling_reward.py").is_file(), "save_pretrained left the code behind"
        kept = set(model.read_state_dict(loaded))
        assert set(load_file(f"{folder}/model.safetensors")) == kept, "the saved copy names its tensors otherwise"
        again, info = AutoModelForSequenceClassification.from_pretrained(
            folder, trust_remote_code=True, output_loading_info=True
        )
        assert not info["missing_keys"] and not info["unexpected_keys"], info
        difference = max(abs(a - b) for a, b in zip(model.score(again), trained))
        assert difference <= TOLERANCE, f"the saved copy scores otherwise, by {difference:.1e}"


@path("the loss is the mean squared error of the scores", "wrapper")
def loss(model):
    loaded = model.load()
    labels = torch.linspace(0.1, 0.9, len(model.texts))
    output = loaded(**model.batch, labels=labels)
    truth = sum((s - t) ** 2 for s, t in zip(model.scores, labels.tolist())) / len(model.texts)
    assert abs(output.loss.item() - truth) < TOLERANCE, f"{output.loss.item()} instead of {truth}"
    output.loss.backward()
    # A pooler that the checkpoint carries is in the model too, and no score depends on it.
    parts = ((name, parameter) for name, parameter in loaded.named_parameters() if "pooler" not in name.split("."))
    without = [name for name, parameter in parts if parameter.grad is None]
    assert not without, f"no gradient reaches {without[:3]}"


@path("format_input makes the text of a row", "wrapper")
def format_input(model):
    for row, text in zip(model.rows, model.texts):
        assert model.shim().format_input(row) == text, f"it made {model.shim().format_input(row)!r}"


@path("load_finetuned_model and predict", "wrapper")
def load_finetuned_model(model):
    loaded = model.shim().load_finetuned_model(str(model.folder), device="cpu")
    assert abs(loaded.predict(model.texts[0], model.tokenizer)[0] - model.scores[0]) <= TOLERANCE
    return loaded.predict(model.texts, model.tokenizer, batch_size=3)


@path("load_finetuned_model from the Hub", "wrapper")
def load_finetuned_model_from_hub(model):
    if Path(model.repo).is_dir():
        raise Skip("this model lies in a folder")
    return model.score(model.shim().load_finetuned_model(model.repo, device="cpu"))


@path("load_finetuned_model with pytorch_model.bin", "wrapper")
def pickled(model):
    if not (model.folder / "model.safetensors").is_file():
        raise Skip("the weights are in shards")
    state = model.read_state_dict()
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "config.json").write_bytes((model.folder / "config.json").read_bytes())
        torch.save(state, Path(folder) / "pytorch_model.bin")
        return model.score(model.shim().load_finetuned_model(folder, device="cpu"))


@path("load_finetuned_model on a GPU without room", "wrapper")
def falls_back(model):
    """Played, so that it can be tried where there is no GPU: `.to("cuda")` raises what torch raises."""
    shim = model.shim()
    to, available = shim.BERTRewardModel.to, torch.cuda.is_available

    def refuse(self, device, *rest):
        if str(device) == "cuda":
            raise torch.cuda.OutOfMemoryError("CUDA out of memory.")
        return to(self, device, *rest)

    shim.BERTRewardModel.to, torch.cuda.is_available = refuse, lambda: True
    try:
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            loaded = shim.load_finetuned_model(str(model.folder))
    finally:
        shim.BERTRewardModel.to, torch.cuda.is_available = to, available
    assert loaded.device.type == "cpu", loaded.device
    assert any("CPU" in str(warning.message) for warning in caught), "it did not say so"
    return model.score(loaded)


@path("BERTRewardModel(model_name=…) and load_state_dict", "wrapper")
def from_base(model):
    """The first user's own way, as they wrote it but for the file's reader."""
    if not model.base:
        raise Skip("the model names no base model")
    shim = model.shim()
    loaded = shim.BERTRewardModel(model_name=model.base)
    names = list(loaded.state_dict())
    assert names == list(shim.BERTRewardModel(model.base).state_dict()), "otherwise by position"
    config = shim.BERTRewardConfig.from_pretrained(model.folder)
    assert names == list(shim.BERTRewardModel(config).state_dict()), "otherwise from a config"
    loaded.load_state_dict(model.read_state_dict(loaded))
    loaded.eval()
    with torch.inference_mode():
        return [loaded(**model.encode([text]))["scores"].item() for text in model.texts]


@path("ONNX Runtime")
def onnx_runtime(model):
    needs("onnxruntime")
    if not model.hasOnnx:
        raise Skip("the model has no model.onnx")
    import onnxruntime

    inputs = {name: value.astype("int64") for name, value in model.encode(model.texts, to="np").items()}
    with tempfile.TemporaryDirectory() as folder:
        session = onnxruntime.InferenceSession(str(model.copy_to(folder) / "model.onnx"))
        [logits] = session.run(["logits"], inputs)
    return model.activate(torch.from_numpy(logits)).flatten().tolist()


@path("SentenceTransformer, without remote code")
def sentence_transformer(model):
    if "sentence-transformers" not in model.layouts:
        raise Skip("the model is not published in this layout")
    needs("sentence_transformers")
    from sentence_transformers import SentenceTransformer

    loaded = SentenceTransformer(model.repo, **model.at, device="cpu")
    return loaded.encode(model.texts)[:, 0].tolist()


def run_snippet(model, code, expected):
    """Runs a snippet as a reader would, in the model's folder, and compares what it prints."""
    printed = io.StringIO()
    here, paths = os.getcwd(), list(sys.path)
    for name in [name for name in sys.modules if name == "modeling_reward"]:
        del sys.modules[name]
    os.chdir(model.folder)
    sys.path.insert(0, str(model.folder))  # as for a script that lies there
    try:
        with contextlib.redirect_stdout(printed):
            exec(compile(code, "snippet", "exec"), {"__name__": "__main__"})
    finally:
        os.chdir(here)
        sys.path[:] = paths
    lines = printed.getvalue().strip().splitlines()
    assert lines and lines[-1] == expected, f"printed {lines[-1:]} instead of {expected}"


def check(spec):
    model = Model(spec)
    assert len(model.texts) > 1 and model.batch["attention_mask"].min() == 0, "the batch has no padding"
    ways = list(PATHS[model.kind])
    for snippet in model.snippets:
        run = lambda model, snippet=snippet: run_snippet(model, snippet["code"], snippet["expected"])
        ways.append((snippet["name"], run, 0))
    return [try_path(model, *way) for way in ways]


def try_path(model, name, function, tolerance):
    result = {"path": name, "status": "pass"}
    try:
        scores = function(model)
        if scores is not None:
            assert len(scores) == len(model.scores), f"{len(scores)} scores for {len(model.scores)} texts"
            difference = max(abs(a - b) for a, b in zip(scores, model.scores))
            result["difference"] = difference
            if not difference <= tolerance:
                result |= {"status": "fail", "reason": f"off by {difference:.1e}; {tolerance:.0e} is allowed"}
    except Skip as skip:
        result |= {"status": "skip", "reason": str(skip)}
    except Exception as error:
        result |= {"status": "fail", "reason": first_line(error)}
    return result


def library_versions():
    names = ("torch", "transformers", "tokenizers", "huggingface_hub", "sentence-transformers", "onnxruntime")
    versions = {}
    for name in names:
        with contextlib.suppress(PackageNotFoundError):
            versions[name] = version(name)
    return versions


def main(file):
    warnings.simplefilter("ignore")
    logging.disable(logging.WARNING)
    transformers.logging.set_verbosity_error()
    specs = json.loads(Path(file).read_text(encoding="utf-8"))
    specs = specs if isinstance(specs, list) else [specs]
    print(json.dumps({"versions": library_versions(), "models": [check(spec) for spec in specs]}))


if __name__ == "__main__":
    main(*sys.argv[1:])
