"""Writes test/fixtures/first-user/: scores with exactly the first user's statistics, and its training arguments.

python scripts/make-first-user.py [OUT_DIR]

The first user's data are not public. What its README says of them is: these 955 labels and predictions have the same
means, deviations and errors, to every digit that it prints.
"""

import sys
from pathlib import Path

import numpy as np
import torch
from transformers import TrainingArguments

ROWS = 955
LABEL = (0.673, 0.215)
PREDICTION = (0.691, 0.170)
ERRORS = {"mse": 0.0203, "mae": 0.1129, "rmse": 0.1425}


def describe(y: np.ndarray, p: np.ndarray) -> dict[str, float]:
    error = p - y
    return {
        "mse": float(np.mean(error**2)),
        "mae": float(np.mean(np.abs(error))),
        "rmse": float(np.sqrt(np.mean(error**2))),
        "ground_truth_mean": float(y.mean()),
        "ground_truth_std": float(y.std()),
        "prediction_mean": float(p.mean()),
        "prediction_std": float(p.std()),
    }


def make_labels(rng: np.random.Generator) -> np.ndarray:
    y = rng.beta(2.5, 1.3, ROWS)
    for _ in range(200):
        y = np.clip((y - y.mean()) / y.std() * LABEL[1] + LABEL[0], 0, 1)
    return np.round(y, 4)


def make_predictions(y: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Projected gradient descent from a plausible start, until the four statistics are met."""
    mse = (ERRORS["rmse"] ** 2 + ERRORS["mse"]) / 2
    p = torch.tensor(np.clip(PREDICTION[0] + 0.6 * (y - y.mean()) + rng.normal(0, 0.11, ROWS), 0.02, 0.98))
    p.requires_grad_(True)
    labels = torch.tensor(y)
    optimizer = torch.optim.Adam([p], lr=1e-4)
    for _ in range(20_000):
        error = p - labels
        gaps = [
            p.mean() - PREDICTION[0],
            p.std(unbiased=False) - PREDICTION[1],
            (error**2).mean() - mse,
            error.abs().mean() - ERRORS["mae"],
        ]
        loss = sum(gap**2 for gap in gaps) * 1e4
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        with torch.no_grad():
            p.clamp_(0.001, 0.999)
        if loss.item() < 1e-7:
            break
    return np.round(p.detach().numpy(), 6)


def main(out: Path) -> None:
    out.mkdir(parents=True, exist_ok=True)
    rng = np.random.default_rng(12)
    y = make_labels(rng)
    p = make_predictions(y, rng)
    facts = describe(y, p)
    print(facts)
    for name, digits in ERRORS.items():
        assert round(facts[name], 4) == digits, (name, facts[name])
    assert (round(facts["ground_truth_mean"], 3), round(facts["ground_truth_std"], 3)) == LABEL
    assert (round(facts["prediction_mean"], 3), round(facts["prediction_std"], 3)) == PREDICTION
    lines = [f"{label},{prediction}" for label, prediction in zip(y, p)]
    (out / "scores.csv").write_text("\n".join(["label,prediction", *lines]) + "\n", encoding="utf-8")
    arguments = TrainingArguments(
        output_dir="outputs/modernbert_reward_model",
        per_device_train_batch_size=2,
        per_device_eval_batch_size=2,
        gradient_accumulation_steps=4,
        learning_rate=2e-5,
        num_train_epochs=10,
        eval_strategy="epoch",
        save_strategy="epoch",
        load_best_model_at_end=True,
        metric_for_best_model="eval_mse",
        greater_is_better=False,
        seed=12,
        use_cpu=True,
        report_to=[],
    )
    arguments.hub_token = None
    torch.save(arguments, out / "training_args.bin")


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else "test/fixtures/first-user"))
