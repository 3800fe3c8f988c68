import {
  type Check,
  countSkipped,
  type Finding,
  type Margin,
  type VerificationReport,
} from '../../verification.ts';
import { GROUPS } from '../../verify/rule.ts';
import { html, type Markup } from './markup.ts';
import { formatValue, renderShare } from './metrics-section.ts';

const TITLES: Readonly<Record<string, string>> = GROUPS;

const STATUSES = [
  { status: 'fail', mark: '✖', text: 'failed' },
  { status: 'warn', mark: '!', text: 'warned' },
  { status: 'pass', mark: '✔', text: 'passed' },
  { status: 'skip', mark: '–', text: 'skipped' },
] as const satisfies readonly { status: Check['status']; mark: string; text: string }[];

/** Every check with what it found, by group; groups with a failure come first. The script adds filter and search. */
export function renderChecks(report: VerificationReport): Markup {
  return html`<form class="filters" id="check-filter">
<fieldset><legend>Show</legend>
${renderChoice('all', `all ${report.checks.length}`, true)}
${STATUSES.filter(({ status }) => report.summary[status] > 0).map(({ status, text }) =>
  renderChoice(
    status,
    status === 'skip' ? countSkipped(report.checks).join(', ') : `${report.summary[status]} ${text}`,
    false,
  ),
)}</fieldset>
<label class="search">Search <input type="search" name="query" placeholder="rule, file, message" autocomplete="off" spellcheck="false"></label>
</form>
<p class="empty" id="no-checks" hidden>No check matches.</p>
${groupChecks(report).map(({ name, checks }) => renderGroup(name, checks, report.findings))}`;
}

function renderChoice(value: string, text: string, checked: boolean): Markup {
  return html`<label class="choice"><input type="radio" name="status" value="${value}"${checked && html` checked`}> <span>${text}</span></label>
`;
}

function renderGroup(name: string, checks: readonly Check[], findings: readonly Finding[]): Markup {
  return html`<section class="group"><h3>${name}</h3>
<ul class="checks">
${checks.map((check) =>
  renderCheck(
    check,
    findings.filter(({ rule }) => rule === check.rule),
  ),
)}</ul></section>
`;
}

function renderCheck(
  { rule, title, status, reason, notApplicable, margin, docs }: Check,
  findings: readonly Finding[],
): Markup {
  const { mark, text } = STATUSES.find((each) => each.status === status) ?? STATUSES[3];
  const head = html`<span class="status ${status}"><span aria-hidden="true">${mark}</span> ${notApplicable === true ? 'not applicable' : text}</span>
<span class="title">${title}</span> <code class="rule" title="${docs}">${rule}</code>`;
  const near = margin !== undefined && html`<p class="reason">${renderLimit(margin)}</p>`;
  const why = reason !== undefined && html`<p class="reason">${reason}</p>`;
  return html`<li class="check" data-status="${status}"><div class="head">${head}</div>${why}${near}
${findings.length > 0 && html`<ul class="findings">${findings.map(renderFinding)}</ul>`}</li>
`;
}

/** How near to its limit a check came. */
function renderLimit({ what, actual, limit }: Margin): Markup {
  const share = limit > 0 ? renderShare(actual / limit) : undefined;
  return html`${what}: ${formatValue(actual, 3)} of at most ${formatValue(limit, 3)} ${share}`;
}

function renderFinding({ path, line, message, hint, severity }: Finding): Markup {
  const place =
    path !== '.' &&
    !message.startsWith(path) &&
    html`<code>${path}${line !== undefined && `:${line}`}</code> `;
  return html`<li class="finding ${severity}">${place}${message}<p class="hint"><span aria-hidden="true">→</span> ${hint}</p></li>
`;
}

interface Group {
  readonly name: string;
  readonly checks: readonly Check[];
}

/** Groups in the order in which they run, those with a failure first; within a group the checks keep their order. */
function groupChecks({ checks }: VerificationReport): Group[] {
  const groups = new Map<string, Check[]>();
  for (const check of checks) groups.set(check.group, [...(groups.get(check.group) ?? []), check]);
  const trouble = ({ checks: members }: Group) =>
    Math.min(...members.map(({ status }) => (status === 'fail' ? 0 : status === 'warn' ? 1 : 2)));
  return [...groups]
    .map(([group, members]) => ({ name: TITLES[group] ?? group, checks: members }))
    .sort((a, b) => trouble(a) - trouble(b));
}
