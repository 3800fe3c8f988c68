"""The reward model of the sample run: a ModernBERT encoder, masked mean pooling, one linear layer, a sigmoid."""

import torch
from torch import nn
from transformers import AutoModel, PreTrainedConfig


class BERTRewardModel(nn.Module):
    def __init__(self, model_name_or_config: str | PreTrainedConfig, dropout: float = 0.1):
        super().__init__()
        if isinstance(model_name_or_config, str):
            self.encoder = AutoModel.from_pretrained(model_name_or_config)
        else:
            self.encoder = AutoModel.from_config(model_name_or_config)
        self.dropout = nn.Dropout(dropout)
        self.regressor = nn.Linear(self.encoder.config.hidden_size, 1)

    def forward(self, input_ids, attention_mask, labels=None):
        hidden = self.encoder(input_ids=input_ids, attention_mask=attention_mask).last_hidden_state
        mask = attention_mask.unsqueeze(-1).to(hidden.dtype)
        pooled = (hidden * mask).sum(dim=1) / mask.sum(dim=1)
        logits = self.regressor(self.dropout(pooled)).squeeze(-1)
        scores = torch.sigmoid(logits)
        outputs = {"logits": logits, "scores": scores}
        if labels is not None:
            # An MSE between numbers in [0, 1] is small; the factor keeps its gradients well above Adam's epsilon.
            outputs["loss"] = nn.functional.mse_loss(scores, labels.to(scores.dtype)) * 100
        return outputs
