import { hashBeside, readBundleSignature } from '../attest/index.ts';
import { compareBeside, SIGN_WITHOUT_IT } from '../attest/manifest.ts';
import { SIGNATURE_FILE } from '../bundle.ts';
import type { VerificationReport } from '../verification.ts';
import type { Context } from './context.ts';

/** Says when the report that was just written makes a signature wrong that covers it: the rule saw the one before. */
export async function tellOfOutdatedSignature(
  dir: string,
  { checks }: VerificationReport,
  { onProgress }: Pick<Context, 'onProgress'>,
): Promise<void> {
  if (checks.some(({ rule, status }) => rule === 'signature' && status === 'fail')) return;
  const signature = await readBundleSignature(dir).catch(() => undefined);
  const [wrong] = signature === undefined ? [] : compareBeside(signature.statement, await hashBeside(dir));
  if (wrong === undefined) return;
  onProgress({ kind: 'note', message: `${SIGNATURE_FILE} ${wrong} now: ${SIGN_WITHOUT_IT}` });
}
