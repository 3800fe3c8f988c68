import type { Proposal } from '../init/index.ts';
import type { Paint } from './pretty.ts';

/** What `hubwright init` found, how it knows, and what could still be said. */
export function formatProposal(
  { kind, facts, doubts, optional }: Proposal,
  file: string,
  runDir: string,
  paint: Paint,
): string {
  return [
    `${file}, for ${kind}:`,
    '',
    ...facts.flatMap(({ key, value, from }) => [
      `  ${key} = ${JSON.stringify(value)}`,
      paint('dim', `    ${from}`),
    ]),
    ...(doubts.length === 0 ? [] : ['', ...doubts.map((doubt) => paint('yellow', `! ${doubt}`))]),
    ...(optional.length === 0 ? [] : ['', 'Not said, and good to have on the card:']),
    ...optional.map(({ key, what }) => `  ${key}: ${what}`),
    '',
    `next: hubwright assemble ${runDir}`,
  ].join('\n');
}
