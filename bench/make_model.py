"""Writes a ModernBERT-base reward model with random weights (596 MB) and rows of token ids, for the benchmark.

usage: make_model.py OUT_DIR ROWS

Row lengths follow a log-normal distribution with median 180 and a tail that is cut at 2,048 tokens, as the first
user's rows do. Seeded: the same rows each time.
"""
import json
import sys
from pathlib import Path

import torch
from safetensors.torch import save_file
from torch import nn
from transformers import ModernBertConfig, ModernBertModel


class Reward(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.encoder = ModernBertModel(config)
        self.regressor = nn.Linear(config.hidden_size, 1)


def main(out, count):
    out = Path(out)
    out.mkdir(parents=True, exist_ok=True)
    torch.manual_seed(0)
    config = ModernBertConfig()
    if not (out / "model.safetensors").exists():
        model = Reward(config)
        save_file(model.state_dict(), out / "model.safetensors", metadata={"format": "pt"})
        config.save_pretrained(out)
    generator = torch.Generator().manual_seed(15)
    lengths = (180 * torch.exp(1.5 * torch.randn(count, generator=generator))).round().clamp(16, 2048).int().tolist()
    rows = [torch.randint(1000, 50000, (length,), generator=generator).tolist() for length in lengths]
    (out / f"rows-{count}.json").write_text(json.dumps(rows))
    print(f"{count} rows, {sum(lengths)} tokens, longest {max(lengths)}")


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
