import { describe, expect, it } from 'vitest';
import { isRunKey, resolveMetricKey } from '../../src/metrics/aliases.ts';

describe('resolveMetricKey', () => {
  it.each([
    [
      'mse',
      [
        'mse',
        'MSE',
        'test_mse',
        'eval_mse',
        'test/mse',
        'mean_squared_error',
        'meanSquaredError',
        'Test MSE',
      ],
    ],
    ['rmse', ['rmse', 'eval_rmse', 'root_mean_squared_error']],
    ['mae', ['mae', 'mean_absolute_error', 'test.MAE']],
    ['r2', ['r2', 'R2', 'r_squared', 'r2_score', 'test_R²', 'R^2', 'rSquared']],
    ['pearson', ['pearson', 'pearsonr', 'pearson_corr', 'pearson_correlation', 'eval_pearson_r']],
    ['spearman', ['spearman', 'spearmanr', 'spearman_corr', 'spearman_rho', 'SpearmanR']],
    ['medianAbsoluteError', ['medae', 'MedAE', 'median_absolute_error']],
    ['maxError', ['max_error', 'maxError', 'max_abs_error']],
    ['explainedVariance', ['explained_variance', 'explained_variance_score']],
    [
      'n',
      [
        'n',
        'num_examples',
        'n_samples',
        'num_samples',
        'test_samples',
        'count',
        'num_test_samples',
        'n_test',
      ],
    ],
    [
      'labelMean',
      [
        ...[
          'ground_truth_mean',
          'label_mean',
          'labels_mean',
          'target_mean',
          'true_mean',
          'gt_mean',
          'y_true_mean',
        ],
        ...['mean_label', 'test_actual_mean'],
      ],
    ],
    [
      'labelStd',
      ['ground_truth_std', 'label_std', 'target_std', 'true_stddev', 'gt_std', 'y_true_std', 'std_true'],
    ],
    [
      'predictionMean',
      ['prediction_mean', 'pred_mean', 'predictions_mean', 'y_pred_mean', 'mean_prediction'],
    ],
    ['predictionStd', ['prediction_std', 'pred_std', 'predictions_std', 'y_pred_std', 'predicted_score_std']],
    ['bias', ['bias', 'test_bias', 'mean_bias_error']],
    ['kendall', ['kendall', 'kendall_tau', 'kendalltau', "test_kendall's_tau-b", 'tau', 'kendall.statistic']],
    ['concordance', ['ccc', 'test_ccc', 'lins_ccc', 'ConcordanceCorrCoef', 'concordance_correlation']],
    ['pairwiseAccuracy', ['pairwise_accuracy', 'pairwise_acc', 'c-index', 'concordance_index']],
    ['within005', ['within_0.05', 'accuracy_within_0.05', 'share_within_0.05', 'acc@0.05']],
    ['within01', ['within_0.1', 'within_0.10', 'fraction_within_0.1', 'test_acc@0.1']],
    ['calibrationSlope', ['calibration_slope']],
    ['calibrationIntercept', ['calibration.intercept']],
    ['predictionMin', ['pred_min', 'min_prediction']],
    ['labelMax', ['ground_truth_max', 'y_true_max']],
  ])('%s', (metric, keys) => {
    for (const key of keys) expect(resolveMetricKey([key]), key).toBe(metric);
  });

  it.each([
    [['test', 'mse'], 'mse'],
    [['metrics', 'r2_score'], 'r2'],
    [['test', 'metrics', 'mae'], 'mae'],
    [['ground_truth', 'mean'], 'labelMean'],
    [['ground_truth', 'std'], 'labelStd'],
    [['test', 'predictions', 'mean'], 'predictionMean'],
    [['pearson', 'statistic'], 'pearson'],
  ])('reads %j', (path, metric) => {
    expect(resolveMetricKey(path)).toBe(metric);
  });

  it.each([
    ...[
      'train_mse',
      'val_mse',
      'validation_r2',
      'loss',
      'mse_loss',
      'mse_scaled',
      'log_mse',
      'correlation',
      'mean',
    ],
    ...[
      'std',
      'accuracy',
      'within_1',
      'concordant',
      'pearson_p_value',
      'test',
      '',
      '__proto__',
      'constructor',
      '_',
      'rmse_ci_low',
    ],
  ])('leaves %j alone', (key) => {
    expect(resolveMetricKey([key])).toBeUndefined();
  });
});

describe('isRunKey', () => {
  it.each([
    ...[
      'test_runtime',
      'eval_samples_per_second',
      'test_steps_per_second',
      'epoch',
      'loss',
      'eval_loss',
      'total_flos',
    ],
    ...['test_model_preparation_time', 'train_loss', 'global_step'],
  ])('%s is about the run', (key) => {
    expect(isRunKey([key])).toBe(true);
  });

  it.each(['mse', 'test_samples', 'accuracy', 'kendall', 'quality'])('%s is not', (key) => {
    expect(isRunKey([key])).toBe(false);
  });
});
