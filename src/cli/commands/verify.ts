import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Command, InvalidArgumentError, Option } from 'commander';
import { readPublicKey } from '../../attest/keys.ts';
import { EXIT, HubwrightError } from '../../errors.ts';
import type { Shard } from '../../inference/index.ts';
import { checkLoading, type LoadingReport } from '../../loading/index.ts';
import { download } from '../../publish/download.ts';
import { findHubUrl } from '../../publish/hub-url.ts';
import { findToken } from '../../publish/token.ts';
import type { ReportContext } from '../../report/format.ts';
import { formatLoading } from '../../report/loading.ts';
import { judgeReport, type VerificationReport } from '../../verification.ts';
import { type CacheUse, verify } from '../../verify/index.ts';
import { namePart } from '../../verify/parts.ts';
import type { Ignored } from '../../verify/selection.ts';
import { verifyShard } from '../../verify/shard.ts';
import { findBaseline } from '../baseline.ts';
import { type Context, createContext } from '../context.ts';
import { addDeviceFlags, type DeviceFlags, readDeviceFlags } from '../device-flags.ts';
import { addReportFlag, type ReportFlags } from '../report-flag.ts';
import { describeSubject, finishReport } from '../reports.ts';
import { parseShard } from '../shard.ts';
import { tellOfOutdatedSignature } from '../signature-note.ts';
import { type CacheFlags, NO_CACHE } from '../terminal.ts';

interface VerifyFlags extends ReportFlags, CacheFlags, DeviceFlags {
  readonly strict?: boolean;
  readonly only?: readonly string[];
  readonly cheap?: boolean;
  readonly ignore?: readonly Ignored[];
  readonly baseline?: string;
  readonly sample?: number;
  readonly seed: number;
  readonly shard?: string;
  readonly partDir: string;
  readonly merge?: readonly string[];
  readonly key?: string;
  readonly python?: string;
}

/** `owner/name` or `owner/name@revision` */
const REMOTE = /^([A-Za-z0-9][\w.-]*\/[A-Za-z0-9][\w.-]*)(?:@(.+))?$/;

export function addVerify(program: Command): void {
  const command = program
    .command('verify')
    .description('prove a bundle: check its files, run the model over the test split, compare the metrics')
    .argument('[bundle]', 'a bundle folder, or a published model: owner/name[@revision]', '.')
    .option('--strict', 'let warnings fail too')
    .option(
      '--only <names>',
      'check only these rules or groups, separated by commas (see hubwright rules)',
      addNames,
    )
    .option('--cheap', 'check only what needs no inference, as before a commit')
    .option('--ignore <rule=reason>', 'leave a rule out; the report shows the reason', addIgnored)
    .option(
      '--key <file>',
      'a public key in PEM: its private half must have made model.sig, and provenance where there is any',
    )
    .addOption(
      new Option('--sample <n>', 'look at n rows only; such a report never lets publish pass')
        .argParser(parseWhole)
        .conflicts(['shard', 'merge']),
    )
    .option('--seed <number>', 'which rows --sample takes', parseWhole, 0)
    .addOption(
      new Option(
        '--shard <i/n>',
        "score the i-th of n shares; auto asks the scheduler's variables",
      ).conflicts(['merge']),
    )
    .option('--part-dir <dir>', 'where --shard writes verification.part-i-of-n.json', '.')
    .option('--baseline <source>', 'fail when worse than this: a report file, or owner/name@revision')
    .option('--merge <files...>', 'join the parts of all shards instead of running the model')
    .option('--python <interpreter>', 'also load it in Python in every way its readers do; runs its own code')
    .option(...NO_CACHE);
  addDeviceFlags(addReportFlag(command)).action(async (target: string, _: unknown, command: Command) => {
    const flags = command.optsWithGlobals<VerifyFlags>();
    const context = createContext('verify', flags);
    const [, repo, revision] = REMOTE.exec(target) ?? [];
    if (existsSync(target) || repo === undefined) await verifyFolder(target, flags, context);
    else await verifyPublished(repo, revision, flags, context);
  });
}

async function verifyFolder(dir: string, flags: VerifyFlags, context: Context): Promise<void> {
  if (!existsSync(dir)) {
    throw new HubwrightError('INPUT_MISSING', `there is no folder ${dir}`, {
      hint: 'name a bundle folder, or a published model as owner/name',
    });
  }
  if (flags.shard !== undefined) {
    await verifyPart(dir, parseShard(flags.shard, process.env), flags, context);
    return;
  }
  await finishVerify(dir, { bundle: dir }, describeSubject(dir, dir, flags.strict), flags, context);
}

/** Verifies a folder, prints what came out under `title`, and sets the exit code. */
async function finishVerify(
  dir: string,
  about: object,
  subject: ReportContext,
  flags: VerifyFlags,
  context: Context,
  title?: string,
): Promise<void> {
  const { report, cache } = await runVerify(dir, flags, context, title === undefined);
  if (title === undefined) await tellOfOutdatedSignature(dir, report, context);
  const python = flags.python === undefined ? undefined : await loadWithPython(dir, flags.python, context);
  await finishReport(report, subject, flags, context, {
    ...(title === undefined ? {} : { title }),
    ...(python === undefined ? {} : { more: `\n${formatLoading(python, context.paint)}` }),
    document: { ...about, report, cache, ...(python && { python }) },
  });
  process.exitCode = python?.ok === false ? EXIT.findings : exitCodeOf(report, flags);
}

function loadWithPython(
  dir: string,
  python: string,
  { onProgress, signal }: Context,
): Promise<LoadingReport> {
  return checkLoading(dir, { python, env: process.env, onProgress, signal });
}

function exitCodeOf(report: VerificationReport, { strict }: VerifyFlags): number {
  return { passed: EXIT.ok, failed: EXIT.findings, unproven: EXIT.unproven }[judgeReport(report, strict)];
}

async function verifyPart(
  dir: string,
  shard: Shard,
  flags: VerifyFlags,
  { onProgress, signal, cacheDir, finish }: Context,
): Promise<void> {
  const { file, part, cached } = await verifyShard(dir, shard, {
    outDir: flags.partDir,
    ...readDeviceFlags(flags),
    cacheDir,
    onProgress,
    signal,
  });
  const all = join(flags.partDir, namePart(shard).replace(/part-\d+/, 'part-*'));
  finish(`${file}\nonce all ${shard.count} are there: hubwright verify ${dir} --merge ${all}`, {
    bundle: dir,
    part: file,
    shard,
    rows: part.rows.length,
    cache: { cached },
  });
}

function addNames(text: string, before: readonly string[] = []): string[] {
  return [...before, ...text.split(',').map((name) => name.trim())];
}

function addIgnored(text: string, before: readonly Ignored[] = []): Ignored[] {
  const [, rule = text, reason = ''] = /^([^=]*)=([\s\S]*)$/.exec(text) ?? [];
  return [...before, { rule: rule.trim(), reason }];
}

function parseWhole(text: string): number {
  if (/^\d{1,9}$/.test(text)) return Number(text);
  throw new InvalidArgumentError('a whole number was expected');
}

/** The report, and beside it how many scores were not computed this time: the report itself is the same either way. */
async function runVerify(
  dir: string,
  flags: VerifyFlags,
  { onProgress, signal, cacheDir }: Context,
  isOwn: boolean,
) {
  let cache: CacheUse | null = null;
  const report = await verify(dir, {
    strict: flags.strict === true,
    only: flags.only,
    cheap: flags.cheap,
    ignore: flags.ignore,
    baseline: await findBaseline(dir, flags.baseline, isOwn),
    sample: flags.sample === undefined ? undefined : { rows: flags.sample, seed: flags.seed },
    parts: flags.merge,
    publicKey: flags.key === undefined ? undefined : await readPublicKey(flags.key),
    ...readDeviceFlags(flags),
    cacheDir,
    onScored: (use) => {
      cache = use;
    },
    onProgress,
    signal,
  });
  return { report, cache };
}

async function verifyPublished(
  repo: string,
  revision: string | undefined,
  flags: VerifyFlags,
  context: Context,
): Promise<void> {
  if (flags.shard !== undefined) {
    throw new HubwrightError('USAGE', 'a shard is scored in a folder, not straight from the Hub', {
      hint: `hf download ${repo} --local-dir bundle, then hubwright verify bundle --shard ${flags.shard}`,
    });
  }
  const { onProgress, signal } = context;
  const hubUrl = findHubUrl(process.env);
  // Public models need no token.
  const accessToken = await findToken(process.env).then(
    ({ token }) => token,
    () => undefined,
  );
  const dir = await mkdtemp(join(tmpdir(), 'hubwright-'));
  try {
    const commit = await download(dir, { repo, revision, hubUrl, accessToken, onProgress, signal });
    const subject = { ...describeSubject(`${repo}@${commit.slice(0, 7)}`, undefined, flags.strict), dir };
    await finishVerify(dir, { repo, commit }, subject, flags, context, `${repo} at ${commit}`);
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
}
