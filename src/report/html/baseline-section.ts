import type { BaselineComparison } from '../../verification.ts';
import { html, type Markup } from './markup.ts';
import { formatValue } from './metrics-section.ts';

const STATUS = {
  better: { style: 'pass', text: 'better' },
  same: { style: '', text: 'the same' },
  worse: { style: 'fail', text: 'worse' },
} as const;

/** The metrics beside those of an earlier report. */
export function renderBaseline({ source, sameTestSet, metrics }: BaselineComparison): Markup {
  return html`<h3>Against ${source}</h3>
${!sameTestSet && html`<p class="empty">It was measured on another test split, so its numbers are not quite comparable.</p>`}
<div class="scroll" tabindex="0" role="region" aria-label="Baseline table"><table>
<thead><tr><th scope="col">Metric</th><th scope="col" class="number">Before</th><th scope="col" class="number">Now</th><th scope="col" class="number">May be worse by</th><th scope="col">Result</th></tr></thead>
<tbody>
${metrics.map(
  ({ metric, before, now, allowed, status }) =>
    html`<tr><th scope="row"><code>${metric}</code></th><td class="number">${formatValue(before)}</td><td class="number">${formatValue(now)}</td>
<td class="number">${formatValue(allowed)}</td><td><span class="status ${STATUS[status].style}">${STATUS[status].text}</span></td></tr>
`,
)}</tbody></table></div>`;
}
