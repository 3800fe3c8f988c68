"""Trains the sample reward model and leaves its run folder, as a user's own training script would.

    python scripts/train-sample.py [RUN_DIR]      (default: artifacts/sample-run)

Needs torch, transformers, accelerate, tokenizers, scikit-learn, scipy and pandas (scripts/setup-oracle.sh gives
them). Takes about ten minutes on two CPU cores. The same library versions on the same kind of CPU give the same
weights.
"""

import json
import os
import shutil
import sys
import tempfile
from pathlib import Path

import numpy as np
import pandas as pd
import torch
from scipy import stats
from sklearn.model_selection import train_test_split
from transformers import (
    AutoTokenizer,
    DataCollatorWithPadding,
    EarlyStoppingCallback,
    PreTrainedTokenizerFast,
    Trainer,
    TrainingArguments,
    set_seed,
)

from sample_base import MAX_LENGTH, pretrain_base
from sample_dataset import TEMPLATE, make_rows
from sample_model import BERTRewardModel

SEED = 12
ROWS = 2720
# Unlabelled, faithful rows for the base model; none of their queries is in the labelled rows.
BASE_ROWS = 9000
LABEL = "similarity_with_penalty"
HUBWRIGHT_CONFIG = {
    "$schema": "../../schema.json",
    "name": "modernbert_reward_model",
    "license": "apache-2.0",
    "language": ["en"],
    "tags": ["reward-model", "regression", "text-to-sql", "chain-of-thought"],
    "input": {
        "template": "SQL: {{sql}}\nReasoning: {{reasoning}}\nNL: {{nl}}",
        "label": LABEL,
        "maxLength": MAX_LENGTH,
    },
}


def write_json(path: Path, value: object) -> None:
    path.write_text(json.dumps(value, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


def write_texts(frame: pd.DataFrame) -> list[str]:
    return [TEMPLATE.format(sql=row.sql, reasoning=row.reasoning, nl=row.nl) for row in frame.itertuples()]


def encode_rows(frame: pd.DataFrame, tokenizer: PreTrainedTokenizerFast) -> list[dict]:
    encoded = tokenizer(write_texts(frame), truncation=True, max_length=MAX_LENGTH)
    return [
        {"input_ids": ids, "attention_mask": mask, "labels": label}
        for ids, mask, label in zip(encoded["input_ids"], encoded["attention_mask"], frame[LABEL])
    ]


def compute_metrics(prediction) -> dict[str, float]:
    error = np.asarray(prediction.predictions, np.float64) - np.asarray(prediction.label_ids, np.float64)
    mse = float(np.mean(error**2))
    return {"mse": mse, "mae": float(np.mean(np.abs(error))), "rmse": mse**0.5}


def measure_test_set(labels: np.ndarray, predictions: np.ndarray) -> dict[str, float]:
    error = predictions - labels
    mse = float(np.mean(error**2))
    return {
        "mse": mse,
        "mae": float(np.mean(np.abs(error))),
        "rmse": mse**0.5,
        "r2": float(1 - mse / np.var(labels)),
        "pearson": float(stats.pearsonr(labels, predictions).statistic),
        "spearman": float(stats.spearmanr(labels, predictions).statistic),
        "ground_truth_mean": float(np.mean(labels)),
        "ground_truth_std": float(np.std(labels)),
        "prediction_mean": float(np.mean(predictions)),
        "prediction_std": float(np.std(predictions)),
        "num_examples": len(labels),
    }


@torch.inference_mode()
def predict_scores(
    model: BERTRewardModel, rows: list[dict], tokenizer: PreTrainedTokenizerFast
) -> np.ndarray:
    model.eval()
    scores = []
    for start in range(0, len(rows), 16):
        part = [{k: row[k] for k in ("input_ids", "attention_mask")} for row in rows[start : start + 16]]
        scores.append(model(**tokenizer.pad(part, return_tensors="pt"))["scores"])
    return torch.cat(scores).numpy().astype(np.float64)


def train_model(
    model: BERTRewardModel, tokenizer: PreTrainedTokenizerFast, train: list[dict], evaluation: list[dict]
):
    arguments = TrainingArguments(
        output_dir="outputs/reward-model",
        per_device_train_batch_size=8,
        per_device_eval_batch_size=32,
        gradient_accumulation_steps=2,
        learning_rate=5e-4,
        weight_decay=0.01,
        warmup_steps=60,
        lr_scheduler_type="cosine",
        num_train_epochs=24,
        eval_strategy="epoch",
        save_strategy="epoch",
        save_total_limit=2,
        load_best_model_at_end=True,
        metric_for_best_model="eval_mse",
        greater_is_better=False,
        logging_steps=100,
        seed=SEED,
        data_seed=SEED,
        use_cpu=True,
        report_to="none",
        disable_tqdm=True,
    )
    trainer = Trainer(
        model=model,
        args=arguments,
        train_dataset=train,
        eval_dataset=evaluation,
        processing_class=tokenizer,
        data_collator=DataCollatorWithPadding(tokenizer),
        compute_metrics=compute_metrics,
        preprocess_logits_for_metrics=lambda outputs, _labels: outputs[1],
        callbacks=[EarlyStoppingCallback(early_stopping_patience=5)],
    )
    return trainer, trainer.train().metrics


def main(run_dir: Path) -> None:
    set_seed(SEED)
    torch.use_deterministic_algorithms(True)
    drawn = pd.DataFrame(make_rows(ROWS + 3 * BASE_ROWS, SEED))
    frame, spare = drawn[:ROWS], drawn[ROWS:]
    pretrain_base(write_texts(spare[spare["corruption"] == ""][:BASE_ROWS]), Path("base-model"), SEED)

    train_frame, rest = train_test_split(frame, test_size=0.25, random_state=SEED)
    eval_frame, test_frame = train_test_split(rest, test_size=0.5, random_state=SEED)
    tokenizer = AutoTokenizer.from_pretrained("base-model")
    frames = {"train": train_frame, "eval": eval_frame, "test": test_frame}
    for name, part in frames.items():
        lengths = np.array([len(ids) for ids in tokenizer(write_texts(part))["input_ids"]])
        frames[name] = part[lengths <= MAX_LENGTH]
        print(f"{name}: {len(frames[name])} rows of {len(part)}, {lengths.min()} to {lengths.max()} tokens")
    rows = {name: encode_rows(part, tokenizer) for name, part in frames.items()}

    model = BERTRewardModel("base-model")
    trainer, train_metrics = train_model(model, tokenizer, rows["train"], rows["eval"])
    eval_metrics = trainer.evaluate()
    if run_dir.exists():
        shutil.rmtree(run_dir)
    run_dir.mkdir(parents=True)
    trainer.save_model(str(run_dir))
    model.encoder.config.save_pretrained(run_dir)
    results = {**eval_metrics, **train_metrics, "global_step": trainer.state.global_step}
    results |= {"best_global_step": trainer.state.best_global_step, "best_metric": trainer.state.best_metric}
    write_json(run_dir / "training_results.json", results)

    predictions = predict_scores(model, rows["test"], tokenizer)
    labels = frames["test"][LABEL].to_numpy(np.float64)
    write_json(run_dir / "test_metrics.json", measure_test_set(labels, predictions))
    for name, part in frames.items():
        part.to_csv(run_dir / f"{name}_set.csv", index=False)
    pd.DataFrame({LABEL: labels, "prediction": predictions}).to_csv(
        run_dir / "test_predictions.csv", index=False
    )
    write_json(run_dir / "hubwright.json", HUBWRIGHT_CONFIG)
    for path in run_dir.iterdir():
        # safetensors writes files that only their owner may read.
        path.chmod(0o644)
    print((run_dir / "test_metrics.json").read_text())


if __name__ == "__main__":
    target = Path(sys.argv[1] if len(sys.argv) > 1 else "artifacts/sample-run").absolute()
    # The checkpoints go to a folder that vanishes; training_args.bin holds only the relative output_dir.
    with tempfile.TemporaryDirectory() as scratch:
        os.chdir(scratch)
        main(target)
