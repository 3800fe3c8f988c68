"""
Scores a text with a fine-tuned ModernBERT: the encoder, mean pooling, one linear layer, a sigmoid.

    from transformers import PreTrainedTokenizerFast
    from modeling_reward import load_finetuned_model

    model = load_finetuned_model("path/to/this/folder")
    tokenizer = PreTrainedTokenizerFast.from_pretrained("path/to/this/folder")
    scores = model.predict(["first text", "second text"], tokenizer)

AutoModel.from_pretrained(..., trust_remote_code=True) loads the same class. Needs torch and transformers 4.48 or
later; 5.x is fine.
"""

import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import Optional

import torch
from torch import nn
from transformers import ModernBertConfig, ModernBertModel, ModernBertPreTrainedModel
from transformers.utils import ModelOutput

BASE_MODEL = "answerdotai/ModernBERT-base"
MAX_LENGTH = 2048  # tokens that training truncated to, special ones included


def format_input(row):
    """Makes the text that the model was trained on from one row: a mapping with "sql", "nl"."""
    return "SQL: {}\nNL: {}".format(row["sql"], row["nl"])


class BERTRewardConfig(ModernBertConfig):
    # A name of its own: with "modernbert", AutoModel without trust_remote_code would load an encoder of random
    # weights and say nothing. With this one it refuses.
    model_type = "modernbert_reward"


@dataclass
class RewardOutput(ModelOutput):
    """`logits` and `scores` are [batch, 1]; scores = sigmoid(logits). `loss` is there when labels were given."""

    loss: Optional[torch.FloatTensor] = None
    logits: Optional[torch.FloatTensor] = None
    scores: Optional[torch.FloatTensor] = None
    hidden_states: Optional[tuple] = None


class BERTRewardModel(ModernBertPreTrainedModel):
    """Attribute names are those of the training code, so that the checkpoint's tensor names fit as they are."""

    config_class = BERTRewardConfig
    base_model_prefix = "encoder"

    def __init__(self, config=None, model_name=BASE_MODEL):
        """Builds the model from a config, or from that of `model_name` (a Hub id or a folder). Loads no weights."""
        if isinstance(config, str):
            config, model_name = None, config
        if config is None:
            if model_name is None:
                raise ValueError("BERTRewardModel needs a config or a model_name")
            values, _ = ModernBertConfig.get_config_dict(model_name)
            values.pop("model_type", None)
            config = BERTRewardConfig.from_dict(values)
        super().__init__(config)
        self.encoder = ModernBertModel(config)
        self.regressor = nn.Linear(config.hidden_size, 1)
        self.post_init()

    def get_input_embeddings(self):
        return self.encoder.get_input_embeddings()

    def set_input_embeddings(self, value):
        self.encoder.set_input_embeddings(value)

    def _init_weights(self, module):
        super()._init_weights(module)
        # The stock method knows the encoder's layers only. This one matters when training starts from the base model.
        if module is self.regressor:
            nn.init.normal_(module.weight, std=self.config.initializer_range)
            nn.init.zeros_(module.bias)

    def forward(
        self,
        input_ids=None,
        attention_mask=None,
        position_ids=None,
        inputs_embeds=None,
        labels=None,
        output_hidden_states=None,
        return_dict=None,
        **kwargs,  # what tokenizers and Trainer add, such as token_type_ids and num_items_in_batch
    ):
        extra = {} if output_hidden_states is None else {"output_hidden_states": output_hidden_states}
        encoded = self.encoder(
            input_ids=input_ids,
            attention_mask=attention_mask,
            position_ids=position_ids,
            inputs_embeds=inputs_embeds,
            **extra,
        )
        hidden = encoded.last_hidden_state
        # The mean over real tokens only, in float32: a sum over thousands of bfloat16 values loses digits.
        if attention_mask is None:
            mask = torch.ones(hidden.shape[:2], device=hidden.device)
        else:
            mask = attention_mask.to(hidden.device, torch.float32)
        mask = mask.unsqueeze(-1)
        pooled = (hidden.float() * mask).sum(dim=1) / mask.sum(dim=1).clamp(min=1e-9)
        logits = self.regressor(pooled.to(self.regressor.weight.dtype))
        scores = torch.sigmoid(logits)
        loss = None
        if labels is not None:
            loss = nn.functional.mse_loss(scores.view(-1).float(), labels.view(-1).float())
        output = RewardOutput(loss=loss, logits=logits, scores=scores, hidden_states=encoded.hidden_states)
        return output.to_tuple() if return_dict is False else output

    @torch.inference_mode()
    def predict(self, texts, tokenizer, max_length=MAX_LENGTH, batch_size=16):
        """Scores texts in batches; returns one float a text, in order. Call `eval()` first if you were training."""
        texts = [texts] if isinstance(texts, str) else list(texts)
        scores = []
        for start in range(0, len(texts), batch_size):
            batch = tokenizer(
                texts[start : start + batch_size],
                padding=True,
                truncation=True,
                max_length=max_length,
                return_tensors="pt",
            ).to(self.device)
            output = self(input_ids=batch["input_ids"], attention_mask=batch["attention_mask"])
            scores += output.scores.view(-1).float().tolist()
        return scores


# So that save_pretrained puts this file beside the weights and the copy loads with trust_remote_code too.
BERTRewardConfig.register_for_auto_class()
BERTRewardModel.register_for_auto_class("AutoModelForSequenceClassification")


def load_finetuned_model(model_dir, device=None):
    """
    Loads the fine-tuned weights, ready to score.

    model_dir is a folder with config.json and model.safetensors (or pytorch_model.bin), or a Hub id. Without a
    device, the model goes to the GPU if there is one and it has room, and stays on the CPU otherwise.
    """
    folder = Path(model_dir)
    if not folder.is_dir():
        from huggingface_hub import snapshot_download

        wanted = ["config.json", "model.safetensors", "pytorch_model.bin"]
        folder = Path(snapshot_download(str(model_dir), allow_patterns=wanted))
    model = BERTRewardModel(BERTRewardConfig.from_pretrained(folder))
    model.load_state_dict(_read_state_dict(folder))
    model.eval()
    if device is not None:
        return model.to(device)
    if torch.cuda.is_available():
        try:
            return model.to("cuda")
        except torch.cuda.OutOfMemoryError:
            warnings.warn("the GPU has no room for the model; it runs on the CPU")
    return model.to("cpu")


def _read_state_dict(folder):
    safe = folder / "model.safetensors"
    if safe.is_file():
        from safetensors.torch import load_file

        return load_file(safe)
    pickled = folder / "pytorch_model.bin"
    if pickled.is_file():
        # weights_only: a pickle can run any code, and tensors are all that is wanted from it.
        return torch.load(pickled, map_location="cpu", weights_only=True)
    raise FileNotFoundError(f"{folder} has neither {safe.name} nor {pickled.name}")
