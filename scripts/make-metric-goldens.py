"""Writes test/metrics/files/regression.json: labels, predictions and what numpy, scikit-learn and SciPy make of them.

Run from the repository root with a Python that has those three, then `npx biome format --write` the file.
"""

import json
import warnings
from pathlib import Path

import numpy as np
from scipy import stats
from sklearn import metrics

warnings.filterwarnings("ignore")


def expected(y, p):
    constant_y, constant_p = np.ptp(y) == 0, np.ptp(p) == 0
    error = p - y
    mse = metrics.mean_squared_error(y, p)
    return {
        "n": len(y),
        "mse": mse,
        "rmse": metrics.root_mean_squared_error(y, p),
        "mae": metrics.mean_absolute_error(y, p),
        "medianAbsoluteError": metrics.median_absolute_error(y, p),
        "maxError": metrics.max_error(y, p),
        "r2": None if constant_y else metrics.r2_score(y, p),
        "explainedVariance": None if constant_y else metrics.explained_variance_score(y, p),
        "pearson": None if constant_y or constant_p else stats.pearsonr(y, p).statistic,
        "spearman": None if constant_y or constant_p else stats.spearmanr(y, p).statistic,
        "bias": error.mean(),
        "labelMean": y.mean(),
        "labelStd": y.std(),
        "labelSampleStd": None if len(y) < 2 else y.std(ddof=1),
        "predictionMean": p.mean(),
        "predictionStd": p.std(),
        "predictionSampleStd": None if len(p) < 2 else p.std(ddof=1),
    }


def case(name, y, p):
    y, p = np.asarray(y, dtype=np.float64), np.asarray(p, dtype=np.float64)
    fit = None if np.ptp(y) == 0 else stats.linregress(y, p)
    return {
        "name": name,
        "labels": y.tolist(),
        "predictions": p.tolist(),
        "metrics": {k: v if v is None or isinstance(v, int) else float(v) for k, v in expected(y, p).items()},
        "fit": None if fit is None else {"slope": float(fit.slope), "intercept": float(fit.intercept)},
    }


def main():
    rng = np.random.default_rng(12)
    y = rng.beta(4, 2, 300)
    p = np.clip(0.25 + 0.65 * y + rng.normal(0, 0.13, 300), 0, 1)
    cases = [
        case("reward scores in [0, 1]", y.round(4), p.astype(np.float32)),
        case("labels on a grid of tenths: many ties", y[:120].round(1), p[:120].round(2)),
        case("offset 1e6: cancellation", 1e6 + y[:40], 1e6 + p[:40]),
        case("negative and unbounded", rng.normal(-3, 40, 51), rng.normal(2, 30, 51)),
        case("tiny units", y[:30] * 1e-9, p[:30] * 1e-9),
        case("perfect", y[:20], y[:20]),
        case("inverted", y[:20], 1 - y[:20]),
        case("constant predictions", y[:25], np.full(25, 0.1)),
        case("constant labels", np.full(25, 0.1), p[:25]),
        case("both constant", np.full(7, 0.3), np.full(7, 0.1)),
        case("one row", [0.25], [0.75]),
        case("two rows", [0.25, 0.5], [0.75, 0.5]),
    ]
    target = Path("test/metrics/files/regression.json")
    target.write_text(json.dumps({"cases": cases}, ensure_ascii=False, indent=2) + "\n")


main()
