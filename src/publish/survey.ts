import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { type LockedFile, REPORT_FILE } from '../bundle.ts';
import { HubwrightError } from '../errors.ts';
import { parseReport, type VerificationReport } from '../verification.ts';
import type { Hub } from './hub-client.ts';
import { listNames, type Payload } from './payload.ts';
import {
  type GitOids,
  hashForComparison,
  holdsSameBytes,
  type RemoteFile,
  type RemoteState,
  type UploadMode,
} from './remote-state.ts';

/** Bytes of a file's beginning by which the Hub tells text from binary. */
const SAMPLE_BYTES = 512;
/** A report is some kilobytes; what is larger is none, and gets replaced. */
const MAX_REPORT_BYTES = 10_000_000;

/** Asks the Hub all that can be known before the first write, permission first. */
export async function surveyHub(hub: Hub, repo: string, dir: string, payload: Payload): Promise<RemoteState> {
  const exists = await checkAccess(hub, repo);
  const warnings = await hub.validateCard(payload.card);
  const { head, tags } = exists ? await hub.readRefs() : { head: null, tags: new Map<string, string>() };
  const files = head === null ? [] : await hub.listTree(head);
  const oids = await hashForComparison(dir, payload.files, files);
  const modes = head === null ? new Map<string, UploadMode>() : await askModes(hub, repo, dir, payload.files);
  const sameReport = head !== null && (await hasSameReport(hub, head, payload, files, oids));
  return { exists, warnings, head, tags, files, oids, modes, sameReport };
}

/** Whether the repository is there. @throws HubwrightError HUB_REFUSED when it, or its namespace, is closed to the token */
async function checkAccess(hub: Hub, repo: string): Promise<boolean> {
  const { name, namespaces, role } = await hub.askAccount();
  if (role === 'read') {
    throw new HubwrightError('HUB_REFUSED', `the token of ${name} can only read`, {
      hint: 'make a token with write access under Settings → Access Tokens',
    });
  }
  const exists = await hub.checkWriteAccess();
  // The Hub's names are spelled as they were created, and found in any case.
  const namespace = repo.slice(0, repo.indexOf('/')).toLowerCase();
  if (exists || namespaces.some((own) => own.toLowerCase() === namespace)) return exists;
  const message = `there is no ${repo} that the token of ${name} may write to or create`;
  throw new HubwrightError('HUB_REFUSED', message, {
    hint: `this token can publish under: ${listNames(namespaces)}`,
  });
}

async function askModes(
  hub: Hub,
  repo: string,
  dir: string,
  files: readonly LockedFile[],
): Promise<ReadonlyMap<string, UploadMode>> {
  const questions = await Promise.all(
    files.map(async ({ path, size }) => ({ path, size, sample: await readSample(join(dir, path)) })),
  );
  const { modes, ignored } = await hub.askUploadModes(questions);
  if (ignored.length > 0) {
    throw new HubwrightError('HUB_REFUSED', `the .gitignore of ${repo} shuts out ${listNames(ignored)}`, {
      hint: 'mend .gitignore on the Hub, then run the same command again',
    });
  }
  return modes;
}

async function readSample(path: string): Promise<string> {
  const file = await open(path);
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(SAMPLE_BYTES), 0, SAMPLE_BYTES, 0);
    return buffer.toString('base64', 0, bytesRead);
  } finally {
    await file.close();
  }
}

async function hasSameReport(
  hub: Hub,
  head: string,
  { files, report }: Payload,
  remote: readonly RemoteFile[],
  oids: GitOids,
): Promise<boolean> {
  const local = files.find((file) => file.path === REPORT_FILE);
  const there = remote.find((file) => file.path === REPORT_FILE);
  if (report === null || local === undefined || there === undefined || there.size > MAX_REPORT_BYTES)
    return false;
  if (holdsSameBytes(local, there, oids)) return true;
  const remoteReport = readReport(await hub.readText(head, REPORT_FILE));
  return remoteReport !== undefined && isSameReport(report, remoteReport);
}

/**
 * Whether a report on the Hub stands for the local one: a pass, by the same version, of the same files. Times or the
 * machine may differ; a commit for that alone would be noise.
 */
function isSameReport(local: VerificationReport, remote: VerificationReport): boolean {
  return remote.ok && remote.rootDigest === local.rootDigest && remote.tool.version === local.tool.version;
}

/** Another version's report, or somebody's own file of that name, is simply not the same report. */
function readReport(text: string): VerificationReport | undefined {
  try {
    return parseReport(text);
  } catch {
    return undefined;
  }
}
