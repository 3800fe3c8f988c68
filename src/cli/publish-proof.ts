import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readLock } from '../bundle.ts';
import { HubwrightError } from '../errors.ts';
import { download } from '../publish/download.ts';
import { readPassingReport, type VerificationReport } from '../verification.ts';
import type { Context } from './context.ts';
import { type DeviceFlags, readDeviceFlags } from './device-flags.ts';
import type { HubAccess } from './hub-access.ts';

/** A bundle that was verified elsewhere, as it is now, is not verified again; any other is. */
export async function prove(
  bundle: string,
  flags: DeviceFlags,
  { onProgress, signal, cacheDir }: Context,
): Promise<VerificationReport> {
  const earlier = await readPassingReport(bundle, await readLock(bundle)).catch((error: unknown) => {
    if (error instanceof HubwrightError) return undefined;
    throw error;
  });
  if (earlier !== undefined) {
    onProgress({ kind: 'note', message: 'these very files were verified before: verification.json' });
    return earlier;
  }
  const { verify } = await import('../verify/index.ts');
  return verify(bundle, { ...readDeviceFlags(flags), onProgress, signal, cacheDir });
}

/**
 * Downloads a commit as a user would and runs its model. Scores of earlier runs are not looked at.
 *
 * @throws HubwrightError HUB_MISMATCH when it does not pass
 */
export async function verifyCopy(
  repo: string,
  commit: string,
  hub: HubAccess,
  flags: DeviceFlags,
  { onProgress, signal }: Context,
): Promise<void> {
  const dir = await mkdtemp(join(tmpdir(), 'hubwright-'));
  try {
    await download(dir, { ...hub, repo, revision: commit, onProgress, signal });
    const { verify } = await import('../verify/index.ts');
    const report = await verify(dir, { ...readDeviceFlags(flags), onProgress, signal });
    if (report.ok) return;
    const failed = report.findings.filter(({ severity }) => severity === 'error');
    const why = failed.slice(0, 3).map(({ rule, message }) => `${rule}: ${message}`);
    throw new HubwrightError(
      'HUB_MISMATCH',
      `the downloaded copy of ${repo} at ${commit} does not pass: ${why.join('; ')}`,
      { hint: `look at it: hubwright verify ${repo}@${commit}` },
    );
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
}
