import { rowTolerance } from '../../metrics/tolerance.ts';
import { PREDICTIONS_FILE } from '../../splits.ts';
import type { Rule } from '../rule.ts';

/** Finer than the metrics: a small change in the weights moves single rows before it moves a mean. */
export const predictionsMatch: Rule = {
  code: 'predictions-match',
  title: "each row's score is the recorded one",
  group: 'inference',
  severity: 'error',
  explanation:
    'Each prediction in `test_predictions.csv` is what inference gives for its row: within 0.0001 (a warning beyond it, an error beyond 0.001; wider for reduced precision). Finer than the metrics, in which small changes average out.',
  fix: 'the predictions were made by other weights, another tokenizer or other rows: put those of one evaluation into the run folder, or delete the predictions, which assemble then computes; then hubwright assemble <run-dir>',
  cheap: false,
  needs: ['json-strict', 'safetensors-header', 'csv-schema', 'row-counts', 'onnx-data', 'onnx-operators'],
  haltedBy: ['tensors-config'],
  async check({ predictions, measurement, tolerance }) {
    const { scores, rows } = await measurement();
    const all = await predictions();
    const recorded = rows === undefined ? all : Float64Array.from(rows, (row) => all[row] ?? Number.NaN);
    const { warn, fail } = rowTolerance(await tolerance());
    const differences = recorded.map((value, row) => Math.abs(value - (scores[row] ?? Number.NaN)));
    const worst = differences.reduce((at, value, row) => (value > (differences[at] ?? 0) ? row : at), 0);
    const largest = differences[worst] ?? 0;
    const margin = { what: 'the largest difference of a row', actual: largest, limit: warn };
    if (largest <= warn) return { findings: [], margin };
    const beyond = differences.filter((value) => value > warn).length;
    return {
      margin,
      findings: [
        {
          path: PREDICTIONS_FILE,
          severity: largest > fail ? 'error' : 'warning',
          message: `${beyond} of ${recorded.length} rows differ by more than ${warn}; most, row ${(rows?.[worst] ?? worst) + 1}: recorded ${recorded[worst]}, inference gives ${scores[worst]}`,
        },
      ],
    };
  },
};
