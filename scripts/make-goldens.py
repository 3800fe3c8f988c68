"""Writes test/files/*.json: what PyTorch, the Python tokenizer, scikit-learn and SciPy say, for the tests to agree with.

python scripts/make-goldens.py [RUN_DIR] [OUT_DIR]      (defaults: artifacts/sample-run, test/files)
"""

import random
import sys
from pathlib import Path

import pandas as pd
import torch
from safetensors.torch import load_file
from transformers import AutoConfig, AutoTokenizer

from golden_file import write_golden
from golden_texts import ADVERSARIAL_TEXTS
from metric_goldens import write_metric_goldens
from sample_dataset import TEMPLATE
from sample_model import BERTRewardModel

ROW_LENGTHS = (1, 2, 15, 16, 17, 31, 32, 33, 34, 64, 65, 255, 256, 512)
HIDDEN_STATES = ("one row of 2", "right-padded pair of 5 and 9")


def make_batches(vocab_size: int, ids: dict[str, int]) -> list[tuple[str, list[list[int]], list[list[int]]]]:
    rng = random.Random(12)

    def draw(length: int) -> list[int]:
        inner = [rng.randrange(5, vocab_size) for _ in range(max(0, length - 2))]
        return ([ids["cls"], *inner, ids["sep"]])[:length]

    def pad(rows: list[list[int]], left: bool, width: int = 0):
        width = max(width, *(len(row) for row in rows))
        fill = [[ids["pad"]] * (width - len(row)) for row in rows]
        zeros = [[0] * len(part) for part in fill]
        ones = [[1] * len(row) for row in rows]
        if left:
            return [f + r for f, r in zip(fill, rows)], [z + o for z, o in zip(zeros, ones)]
        return [r + f for f, r in zip(fill, rows)], [o + z for z, o in zip(zeros, ones)]

    batches = []
    for length in ROW_LENGTHS:
        row = draw(length)
        batches.append((f"one row of {length}", [row], [[1] * length]))
    batches.append(("right-padded pair of 5 and 9", *pad([draw(5), draw(9)], False)))
    batches.append(
        ("right-padded lengths 3, 16, 17, 40 and 90", *pad([draw(n) for n in (3, 16, 17, 40, 90)], False))
    )
    batches.append(("right-padded lengths 33, 200 and 256", *pad([draw(n) for n in (33, 200, 256)], False)))
    batches.append(
        ("left-padded lengths 3, 16, 17, 40 and 90", *pad([draw(n) for n in (3, 16, 17, 40, 90)], True))
    )
    batches.append(("one real token among 120 columns, right-padded", *pad([draw(1), draw(120)], False)))
    batches.append(("one real token among 120 columns, left-padded", *pad([draw(1), draw(120)], True)))
    batches.append(("every row padded to 100 columns", *pad([draw(4), draw(30)], False, 100)))
    rows = [draw(70), draw(70)]
    holes = [[0 if 20 <= column < 58 else 1 for column in range(70)], [1] * 70]
    batches.append(("a masked hole wider than the window", rows, holes))
    batches.append(("equal rows of 48", [rows[0][:48]] * 2, [[1] * 48] * 2))
    return batches


def load_model(run_dir: Path, attention: str) -> BERTRewardModel:
    config = AutoConfig.from_pretrained(run_dir)
    config._attn_implementation = attention
    model = BERTRewardModel(config)
    model.load_state_dict(load_file(run_dir / "model.safetensors"), strict=True)
    return model.eval()


@torch.inference_mode()
def make_parity_cases(run_dir: Path) -> tuple[list[dict], float]:
    eager, sdpa = load_model(run_dir, "eager"), load_model(run_dir, "sdpa")
    config = eager.encoder.config
    special = {"cls": config.cls_token_id, "sep": config.sep_token_id, "pad": config.pad_token_id}
    cases, spread = [], 0.0
    for name, rows, mask in make_batches(config.vocab_size, special):
        inputs = {"input_ids": torch.tensor(rows), "attention_mask": torch.tensor(mask)}
        logits = eager(**inputs)["logits"]
        spread = max(spread, (logits - sdpa(**inputs)["logits"]).abs().max().item())
        case = {"name": name, "input_ids": rows, "attention_mask": mask, "logits": [float(x) for x in logits]}
        if name in HIDDEN_STATES:
            case["last_hidden_state"] = eager.encoder(**inputs).last_hidden_state.tolist()
        cases.append(case)
    return cases, spread


def make_token_cases(run_dir: Path) -> list[dict]:
    tokenizer = AutoTokenizer.from_pretrained(run_dir)
    rows = pd.read_csv(run_dir / "test_set.csv", keep_default_na=False)
    texts = [TEMPLATE.format(sql=r.sql, reasoning=r.reasoning, nl=r.nl) for r in rows.head(64).itertuples()]
    cases = [(text, 256) for text in (*texts, *ADVERSARIAL_TEXTS)]
    cases += [(text, 8) for text in (*texts[:6], *ADVERSARIAL_TEXTS)]
    cases += [(texts[0], length) for length in (2, 3, 16, 64)]
    return [
        {
            "text": text,
            "max_length": limit,
            "ids": tokenizer(text, truncation=True, max_length=limit)["input_ids"],
        }
        for text, limit in cases
    ]


def main(run_dir: Path, out_dir: Path) -> None:
    out_dir.mkdir(parents=True, exist_ok=True)
    cases, spread = make_parity_cases(run_dir)
    libraries = ("torch", "transformers", "safetensors")
    write_golden(
        out_dir / "sample-parity.json",
        libraries,
        cases,
        attention="eager",
        max_logit_difference_to_sdpa=spread,
    )
    write_golden(out_dir / "sample-tokens.json", ("transformers", "tokenizers"), make_token_cases(run_dir))
    write_metric_goldens(out_dir / "metrics.json")


if __name__ == "__main__":
    arguments = [Path(argument) for argument in sys.argv[1:]]
    main(*arguments, *[Path("artifacts/sample-run"), Path("test/files")][len(arguments) :])
