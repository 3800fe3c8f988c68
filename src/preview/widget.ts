import { isRecord } from '../formats/card-yaml.ts';
import { html, type Markup } from '../report/html/markup.ts';

interface WidgetExample {
  readonly title: string;
  readonly text: string;
  readonly outputs: readonly { readonly label: string; readonly score: number }[];
}

const TASKS: Readonly<Record<string, string>> = {
  'text-classification': 'Text Classification',
  'text-ranking': 'Text Ranking',
};

/** The task widget with the outputs that the card stores, as the Hub shows it for a model that no provider serves. */
export function renderWidget(data: Readonly<Record<string, unknown>>): Markup | undefined {
  const examples = listExamples(data.widget);
  if (examples.length === 0) return undefined;
  const task = String(data.pipeline_tag ?? 'text-classification');
  return html`<section class="side widget"><h2>${TASKS[task] ?? task}</h2>
<label>Example <select id="example">${examples.map(({ title }, i) => html`<option value="${i}">${title}</option>`)}</select></label>
${examples.map(
  ({ text, outputs }, i) => html`<div class="example" data-example="${i}"${i > 0 && html` hidden`}>
<pre tabindex="0">${text}</pre>
${outputs.map(
  ({ label, score }) =>
    html`<div class="output"><span>${label}</span> <meter min="0" max="1" value="${Math.min(1, Math.max(0, score))}" aria-label="${label}: ${score}"></meter> <span class="number">${Number(score.toFixed(3))}</span></div>`,
)}</div>`,
)}
<p class="empty">Outputs that the card stores; nothing is computed here.</p></section>`;
}

function listExamples(widget: unknown): WidgetExample[] {
  const items = Array.isArray(widget) ? widget.filter(isRecord) : [];
  return items.map(({ text, example_title: title, output }, i) => ({
    title: typeof title === 'string' ? title : `Example ${i + 1}`,
    text: String(text ?? ''),
    outputs: (Array.isArray(output) ? output.filter(isRecord) : []).flatMap(({ label, score }) =>
      typeof score === 'number' ? [{ label: String(label ?? ''), score }] : [],
    ),
  }));
}
