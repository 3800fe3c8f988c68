import { formatBytes } from '../formats/shown-bytes.ts';
import { showText } from '../formats/shown-text.ts';
import type { PublishPlan } from '../publish/index.ts';
import type { Paint } from './pretty.ts';
import { formatTable } from './table.ts';

const MARK = { add: '+', update: '~', unchanged: '=', delete: '-' } as const;
/** More of a card's diff than this is for an editor. */
const MAX_DIFF_LINES = 40;

/** What a publish would do, as people read it before they agree. */
export function formatPlan(plan: PublishPlan, paint: Paint): string {
  const files = [...plan.files, ...plan.deleted];
  const rows = files.map((file) => [
    MARK[file.action],
    showText(file.path),
    formatBytes(file.size),
    file.mode,
    file.sha256?.slice(0, 12) ?? '',
    ...('reason' in file ? [`(${file.reason})`] : []),
  ]);
  const lines = formatTable(rows, new Set([2])).map((line, i) => {
    const action = files[i]?.action;
    return action === 'unchanged' ? paint('dim', line) : action === 'delete' ? paint('red', line) : line;
  });
  return [
    `${plan.url} (${describeTarget(plan)})`,
    ...describeSettings(plan),
    ...lines.map((line) => `  ${line}`),
    ...plan.kept.map((path) => paint('dim', `    ${showText(path)} (on the Hub only, kept)`)),
    ...formatMetrics(plan, paint),
    ...formatCardDiff(plan, paint),
    ...plan.warnings.map((warning) => paint('yellow', `! ${showText(warning)}`)),
    describeSum(plan),
  ].join('\n');
}

function describeTarget({ createRepo, createBranch, pullRequest, branch, head }: PublishPlan): string {
  if (createRepo) return 'new repository';
  const at = `${branch} at ${head?.slice(0, 7)}`;
  if (createBranch) return `new branch ${branch} from ${head?.slice(0, 7)}`;
  if (pullRequest === null) return at;
  return pullRequest.number === null ? `new pull request to ${at}` : `pull request ${pullRequest.number}`;
}

/** The settings that change; those of a new repository where they are asked for. */
function describeSettings({ visibility, gated }: PublishPlan): string[] {
  const show = (from: unknown, to: unknown) => (from === null ? `${to}` : `${from} → ${to}`);
  const word = (value: unknown) => (value === false ? 'off' : value);
  return [
    ...(visibility.to === null ? [] : [`  visibility: ${show(visibility.from, visibility.to)}`]),
    ...(gated.to === null ? [] : [`  gated: ${show(word(gated.from), word(gated.to))}`]),
  ];
}

/** Only what changes: where nothing is published yet, the report above says it all. */
function formatMetrics({ metrics }: PublishPlan, paint: Paint): string[] {
  const changed = metrics.filter(({ published, now }) => published !== now);
  if (changed.every(({ published }) => published === null)) return [];
  const rows = changed.map(({ metric, published, now }) => [
    showText(metric),
    published === null ? 'new' : formatNumber(published),
    '→',
    now === null ? 'gone' : formatNumber(now),
  ]);
  return [
    paint('bold', 'metrics, published → now'),
    ...formatTable(rows, new Set([1, 3])).map((line) => `  ${line}`),
  ];
}

const formatNumber = (value: number): string => String(Number(value.toPrecision(6)));

function formatCardDiff({ cardDiff }: PublishPlan, paint: Paint): string[] {
  const lines = cardDiff.split('\n').filter((line) => !/^(---|\+\+\+|$)/.test(line));
  if (lines.length === 0) return [];
  const shown = lines.slice(0, MAX_DIFF_LINES).map((line) => {
    const text = `  ${showText(line)}`;
    return line.startsWith('+') ? paint('green', text) : line.startsWith('-') ? paint('red', text) : text;
  });
  const rest = lines.length - MAX_DIFF_LINES;
  return [paint('bold', 'README.md'), ...shown, ...(rest > 0 ? [`  … ${rest} more lines`] : [])];
}

function describeSum({ files, deleted, uploadBytes, tag }: PublishPlan): string {
  const count = (action: string) => files.filter((file) => file.action === action).length;
  const sum = [
    `${count('add')} to add`,
    `${count('update')} to update`,
    ...(deleted.length > 0 ? [`${deleted.length} to delete`] : []),
    `${count('unchanged')} unchanged`,
  ].join(', ');
  return `${sum}; ${formatBytes(uploadBytes)} to send${tag === null ? '' : `; tag ${tag}`}`;
}
