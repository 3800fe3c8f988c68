import type { MetricComparison, VerificationReport } from '../../verification.ts';
import { html, type Markup } from './markup.ts';

const STATUS = { pass: 'passed', fail: 'failed', 'not-verified': 'not verified' } as const;

/** Each metric of the run beside what verification measured, with how much of the tolerance the difference takes. */
export function renderMetrics({ metrics, sample }: VerificationReport): Markup {
  if (metrics.length === 0) return html`<p class="empty">No metric was compared.</p>`;
  const estimated = metrics.some(({ interval }) => interval !== undefined);
  return html`${
    sample !== undefined &&
    html`<p>Measured on a sample of ${sample.rows} of ${sample.of} rows; the interval says where the metric of all rows
lies with ${Math.round(sample.confidence * 100)} % confidence.</p>`
  }
<div class="scroll" tabindex="0" role="region" aria-label="Metrics table"><table class="metrics">
<thead><tr><th scope="col">Metric</th><th scope="col">Result</th><th scope="col" class="number">Expected</th><th scope="col" class="number">Measured</th>
${
  estimated
    ? html`<th scope="col" class="number">All rows: from</th><th scope="col" class="number">to</th>`
    : html`<th scope="col" class="number">Difference</th><th scope="col" class="number">Allowed</th><th scope="col">Of the tolerance</th>`
}</tr></thead>
<tbody>
${metrics.map((metric) => renderMetric(metric, estimated))}</tbody>
</table></div>`;
}

function renderMetric(metric: MetricComparison, estimated: boolean): Markup {
  const { key, expected, actual, difference, tolerance, interval, status } = metric;
  const unverified = status === 'not-verified';
  const middle = estimated
    ? html`<td class="number">${interval && formatValue(interval[0])}</td><td class="number">${interval && formatValue(interval[1])}</td>`
    : html`<td class="number">${difference !== null && formatDifference(difference)}</td>
<td class="number">${!unverified && formatDifference(tolerance)}</td><td>${renderMargin(metric)}</td>`;
  return html`<tr><th scope="row"><code>${key}</code></th><td><span class="status ${status}">${STATUS[status]}</span></td>
<td class="number">${formatValue(expected)}</td>
<td class="number">${actual === null ? '–' : formatValue(actual)}</td>${middle}</tr>
`;
}

/** The difference as a share of what is allowed: near-misses are seen before they fail. */
function renderMargin({ margin, status }: MetricComparison): Markup | undefined {
  return margin === null || status === 'not-verified' ? undefined : renderShare(margin);
}

/** A share of a limit as a bar and in words; above 1 it is over the limit. */
export function renderShare(share: number): Markup {
  const text = share > 9.99 ? 'over 10 times' : `${formatShare(share)} %`;
  return html`<span class="margin${share > 1 && ' over'}"><meter min="0" max="1" value="${Math.min(1, share).toFixed(4)}" aria-label="share of the tolerance: ${text}"></meter> <span>${text}</span></span>`;
}

function formatShare(used: number): string {
  const percent = used * 100;
  if (percent === 0) return '0';
  return percent < 0.1 ? '< 0.1' : percent < 10 ? percent.toFixed(1) : percent.toFixed(0);
}

export function formatValue(value: number, digits = 8): string {
  return Number.isInteger(value) ? String(value) : String(Number(value.toPrecision(digits)));
}

function formatDifference(value: number): string {
  return value === 0 ? '0' : value.toExponential(1);
}
