import { isRecord } from '../formats/card-yaml.ts';
import { html, type Markup } from '../report/html/markup.ts';

/** Fields that the Hub shows as tags on top of a page, in its order. */
const TAG_FIELDS = ['pipeline_tag', 'library_name', 'language', 'license', 'datasets', 'tags'] as const;

/** The tags under the title, as the Hub reads them from the metadata. */
export function renderTags(data: Readonly<Record<string, unknown>>): Markup {
  const tags = TAG_FIELDS.flatMap((field) => listTexts(data[field]).map((text) => ({ field, text })));
  return html`<ul class="tags" aria-label="Tags">${tags.map(
    ({ field, text }) =>
      html`<li class="tag of-${field}">${PREFIX[field] && html`<span class="prefix">${PREFIX[field]}</span> `}${text}</li>`,
  )}</ul>`;
}

const PREFIX: Readonly<Partial<Record<(typeof TAG_FIELDS)[number], string>>> = {
  license: 'License:',
  datasets: 'Dataset:',
};

/** Base model and evaluation results, as the Hub shows them beside the card. */
export function renderSide(data: Readonly<Record<string, unknown>>): Markup {
  const bases = listTexts(data.base_model);
  const relation = typeof data.base_model_relation === 'string' ? data.base_model_relation : 'finetune';
  return html`${
    bases.length > 0 &&
    html`<section class="side"><h2>Model tree</h2>
<ul>${bases.map((base) => html`<li>${base} <span class="empty">(${relation} of it)</span></li>`)}</ul></section>`
  }${listResults(data['model-index']).map(renderResult)}`;
}

interface Result {
  readonly title: string;
  readonly metrics: readonly { readonly name: string; readonly value: string }[];
}

function renderResult({ title, metrics }: Result): Markup {
  return html`<section class="side"><h2>Evaluation results</h2><p class="empty">${title}, self-reported</p>
<dl class="results">${metrics.map(({ name, value }) => html`<div><dt>${name}</dt><dd>${value}</dd></div>`)}</dl></section>`;
}

/** A card may hold anything: what has not the shape that the Hub reads is left out. */
function listResults(index: unknown): Result[] {
  const models = Array.isArray(index) ? index.filter(isRecord) : [];
  return models
    .flatMap(({ results }) => (Array.isArray(results) ? results.filter(isRecord) : []))
    .map(({ task, dataset, metrics }) => ({
      title: [task, dataset]
        .flatMap((part) => (isRecord(part) ? [String(part.name ?? part.type ?? '')] : []))
        .join(' on '),
      metrics: (Array.isArray(metrics) ? metrics.filter(isRecord) : []).map(({ name, type, value }) => ({
        name: String(name ?? type ?? ''),
        value: typeof value === 'number' ? String(Number(value.toPrecision(4))) : String(value ?? ''),
      })),
    }));
}

function listTexts(value: unknown): string[] {
  const values = Array.isArray(value) ? value : [value];
  return values.filter((each) => typeof each === 'string' || typeof each === 'number').map(String);
}
