import { join } from 'node:path';
import { readLimitedText } from '../../formats/limited-file.ts';
import type { MetricId } from '../../metrics/metric-id.ts';
import { measureRegression } from '../../metrics/regression.ts';
import type { Rule, RuleFinding } from '../rule.ts';

/** What stands above a number in the pictures' rows of metrics. */
const NAMES: Readonly<Record<string, MetricId>> = {
  Rows: 'n',
  'R²': 'r2',
  RMSE: 'rmse',
  MSE: 'mse',
  MAE: 'mae',
  'Pearson r': 'pearson',
  'Spearman ρ': 'spearman',
  'Mean error': 'bias',
  Slope: 'calibrationSlope',
  Intercept: 'calibrationIntercept',
};

export const plotNumbers: Rule = {
  code: 'plot-numbers',
  title: 'the pictures state the numbers of the data',
  group: 'card',
  severity: 'error',
  explanation:
    'The number of rows and every metric that a picture of the bundle (SVG) states are those of `test_predictions.csv` against `test_set.csv`, to the digits printed. A picture of an earlier run looks just as convincing.',
  fix: 'draw it again: hubwright plot <bundle>',
  cheap: true,
  needs: ['csv-schema', 'row-counts'],
  async check({ dir, files, split, predictions }) {
    const pictures = files.filter((path) => /_(predictions_scatter|residuals|calibration)\.svg$/.test(path));
    if (pictures.length === 0) return { notApplicable: 'the bundle holds no picture in SVG' };
    const measured = measureRegression((await split('test')).labels, await predictions());
    const findings: RuleFinding[] = [];
    for (const path of pictures) {
      for (const { name, text } of listStated(await readLimitedText(join(dir, path)))) {
        const actual = measured[NAMES[name] as MetricId];
        const stated = Number(text.replace('−', '-').replaceAll(',', ''));
        const decimals = text.split('.')[1]?.length ?? 0;
        const precision = 0.5 * 10 ** -decimals * (1 + 1e-9);
        if (actual === null || Number.isNaN(stated) || Math.abs(actual - stated) <= precision) continue;
        findings.push({
          path,
          message: `states ${name} ${text}; the predictions give ${Number(actual.toPrecision(6))}`,
        });
      }
    }
    return { findings };
  },
};

/** Cells of text that are a name, each with the next one, which is its number. */
function listStated(svg: string): { name: string; text: string }[] {
  const cells = [...svg.matchAll(/<text[^>]*>([^<]+)</g)].map((match) => match[1] ?? '');
  return cells.flatMap((name, i) => (NAMES[name] === undefined ? [] : [{ name, text: cells[i + 1] ?? '' }]));
}
