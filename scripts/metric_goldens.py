"""Writes test/files/metrics.json: regression metrics as scikit-learn and SciPy compute them.

python scripts/metric_goldens.py [FILE]      (make-goldens.py writes it too)
"""

import sys
from pathlib import Path

import numpy as np
from scipy import stats
from sklearn import metrics

from golden_file import write_golden


def make_metric_arrays() -> dict[str, tuple[list[float], list[float]]]:
    rng = np.random.default_rng(12)
    labels = np.round(rng.uniform(0, 1, 40), 4)
    noisy = np.clip(labels + rng.normal(0, 0.15, 40), 0, 1)
    levels = np.array([0.25, 0.25, 0.5, 0.5, 0.5, 0.75, 0.75, 1.0, 0.0, 0.25])
    tied = np.array([0.2, 0.4, 0.4, 0.6, 0.4, 0.6, 0.8, 0.8, 0.2, 0.2])
    outlier = noisy.copy()
    outlier[7] = 1 - labels[7]
    arrays = {
        "random": (labels, noisy),
        "unrelated": (labels, rng.uniform(0, 1, 40)),
        "float32 predictions": (labels, noisy.astype(np.float32).astype(np.float64)),
        "one outlier": (labels, outlier),
        "constant target": (np.full(6, 0.5), np.array([0.1, 0.4, 0.5, 0.6, 0.9, 0.5])),
        "constant prediction": (np.array([0.1, 0.4, 0.5, 0.6, 0.9, 0.5]), np.full(6, 0.5)),
        "both constant and equal": (np.full(4, 0.25), np.full(4, 0.25)),
        "two rows": (np.array([0.2, 0.7]), np.array([0.3, 0.4])),
        "one row": (np.array([0.2]), np.array([0.7])),
        "ties": (levels, tied),
        "perfect": (labels[:12], labels[:12]),
        "inverted": (labels[:12], 1 - labels[:12]),
        "far from zero": (labels[:20] + 1e6, noisy[:20] + 1e6),
        "negative and unbounded": (rng.normal(-3, 40, 51), rng.normal(2, 30, 51)),
        "tiny units": (labels[:30] * 1e-9, noisy[:30] * 1e-9),
    }
    return {name: (left.tolist(), right.tolist()) for name, (left, right) in arrays.items()}


def measure(labels: list[float], predictions: list[float]) -> dict[str, dict[str, float | None] | None]:
    """null stands for "undefined": a correlation with a constant, R² of a constant target, a sample std of one row."""
    y, p = np.array(labels), np.array(predictions)
    varied = np.ptp(y) > 0
    correlated = varied and np.ptp(p) > 0
    line = stats.linregress(y, p) if varied else None
    calibration = stats.linregress(p, y) if np.ptp(p) > 0 else None
    expected = {
        "n": len(y),
        "mse": float(metrics.mean_squared_error(y, p)),
        "rmse": float(metrics.root_mean_squared_error(y, p)),
        "mae": float(metrics.mean_absolute_error(y, p)),
        "medianAbsoluteError": float(metrics.median_absolute_error(y, p)),
        "maxError": float(metrics.max_error(y, p)),
        "r2": float(metrics.r2_score(y, p)) if varied else None,
        "explainedVariance": float(metrics.explained_variance_score(y, p)) if varied else None,
        "pearson": float(stats.pearsonr(y, p).statistic) if correlated else None,
        "spearman": float(stats.spearmanr(y, p).statistic) if correlated else None,
        "kendall": float(stats.kendalltau(y, p).statistic) if correlated else None,
        "concordance": concordance(y, p, 0),
        "sampleConcordance": concordance(y, p, 1) if len(y) > 1 else None,
        "pairwiseAccuracy": order_pairs(y, p) if varied else None,
        "within005": float(np.mean(np.abs(p - y) <= 0.05)),
        "within01": float(np.mean(np.abs(p - y) <= 0.1)),
        "calibrationSlope": float(calibration.slope) if calibration else None,
        "calibrationIntercept": float(calibration.intercept) if calibration else None,
        "bias": float(np.mean(p - y)),
        "labelMean": float(np.mean(y)),
        "labelMin": float(np.min(y)),
        "labelMax": float(np.max(y)),
        "labelStd": float(np.std(y)),
        "labelSampleStd": float(np.std(y, ddof=1)) if len(y) > 1 else None,
        "predictionMean": float(np.mean(p)),
        "predictionMin": float(np.min(p)),
        "predictionMax": float(np.max(p)),
        "predictionStd": float(np.std(p)),
        "predictionSampleStd": float(np.std(p, ddof=1)) if len(p) > 1 else None,
    }
    fit = {"slope": float(line.slope), "intercept": float(line.intercept)} if line else None
    return {"expected": expected, "fit": fit, "intervals": resample(y, p)}


def concordance(y: np.ndarray, p: np.ndarray, ddof: int) -> float | None:
    """Lin's coefficient from numpy's covariance matrix; neither SciPy nor scikit-learn has it."""
    (y_var, both), (_, p_var) = np.cov(y, p, ddof=ddof)
    spread = y_var + p_var + (y.mean() - p.mean()) ** 2
    return float(2 * both / spread) if spread > 0 else None


def order_pairs(y: np.ndarray, p: np.ndarray) -> float:
    """Every pair by itself. SciPy's Somers' D says the same, and nothing where all predictions are equal."""
    above = y[:, None] > y[None, :]
    share = float(np.mean((np.sign(p[:, None] - p[None, :])[above] + 1) / 2))
    somers = (stats.somersd(y, p).statistic + 1) / 2 if np.ptp(p) > 0 else 0.5
    assert abs(share - somers) < 1e-12, (share, somers)
    return share


def resample(y: np.ndarray, p: np.ndarray) -> dict[str, list[float]] | None:
    """Percentile bootstrap with 20,000 resamples; None for data that leave a metric undefined in some resample."""
    if len(y) < 40:
        return None
    statistics = {
        "rmse": lambda y, p: np.sqrt(np.mean((p - y) ** 2)),
        "mae": lambda y, p: np.mean(np.abs(p - y)),
        "medianAbsoluteError": lambda y, p: np.median(np.abs(p - y)),
        "pearson": lambda y, p: stats.pearsonr(y, p).statistic,
        "spearman": lambda y, p: stats.spearmanr(y, p).statistic,
        "kendall": lambda y, p: stats.kendalltau(y, p).statistic,
    }
    limits = {}
    for name, statistic in statistics.items():
        count = 4_000 if name == "kendall" else 20_000
        options = {"paired": True, "method": "percentile", "confidence_level": 0.95, "n_resamples": count}
        result = stats.bootstrap((y, p), statistic, vectorized=False, rng=np.random.default_rng(12), **options)
        limits[name] = [float(result.confidence_interval.low), float(result.confidence_interval.high)]
    return limits


def write_metric_goldens(path: Path) -> None:
    arrays = make_metric_arrays()
    results = [{"name": n, "labels": y, "predictions": p, **measure(y, p)} for n, (y, p) in arrays.items()]
    write_golden(path, ("numpy", "scipy", "scikit-learn"), results)


if __name__ == "__main__":
    write_metric_goldens(Path(sys.argv[1] if len(sys.argv) > 1 else "test/files/metrics.json"))
