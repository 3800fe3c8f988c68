import type { PublishPlan } from '../publish/index.ts';
import { formatBytes } from './bytes.ts';
import type { Paint } from './pretty.ts';
import { formatTable } from './table.ts';

const MARK = { add: '+', update: '~', unchanged: '=' } as const;

/** What a publish would do, as people read it before they agree. */
export function formatPlan(plan: PublishPlan, paint: Paint): string {
  const rows = plan.files.map(({ action, path, size, mode, sha256 }) => [
    MARK[action],
    path,
    formatBytes(size),
    mode,
    sha256.slice(0, 12),
  ]);
  const lines = formatTable(rows, new Set([2])).map((line, i) =>
    plan.files[i]?.action === 'unchanged' ? paint('dim', line) : line,
  );
  return [
    `${plan.url} (${describeTarget(plan)})`,
    ...lines.map((line) => `  ${line}`),
    ...plan.kept.map((path) => paint('dim', `    ${path} (on the Hub only, kept)`)),
    ...plan.warnings.map((warning) => paint('yellow', `! ${warning}`)),
    describeSum(plan),
  ].join('\n');
}

function describeTarget({ createRepo, visibility, branch, head }: PublishPlan): string {
  if (!createRepo) return `${branch} at ${head?.slice(0, 7)}`;
  return visibility.to === 'private' ? 'new repository, private' : 'new repository';
}

function describeSum({ files, uploadBytes, tag }: PublishPlan): string {
  const count = (action: string) => files.filter((file) => file.action === action).length;
  const sum = `${count('add')} to add, ${count('update')} to update, ${count('unchanged')} unchanged`;
  return `${sum}; ${formatBytes(uploadBytes)} to send${tag === null ? '' : `; tag ${tag}`}`;
}
