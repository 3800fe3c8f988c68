import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { CONFIG_FILE, loadConfig } from '../../../src/config.ts';
import { exportVariants } from '../../../src/export/variants/index.ts';
import { LOSS_FILE, readLosses } from '../../../src/export/variants/loss-file.ts';
import { editJson } from '../bundle-fixture.ts';
import { type Damage, fails, passes, type RuleCase } from './rule-case.ts';

const addInt8: Damage = async (dir) => {
  await exportVariants(dir, ['int8'], await loadConfig(join(dir, CONFIG_FILE)), {});
};
/** A record may be off by a quarter of what is allowed; with this gate that is less than what int8 loses here. */
const claimNoLoss: Damage = async (dir) => {
  await addInt8(dir);
  const variants = (await readLosses(dir)).map((loss) => ({ ...loss, maxDifference: 0 }));
  writeFileSync(join(dir, LOSS_FILE), JSON.stringify({ version: 1, variants }));
  editJson(dir, CONFIG_FILE, (config) => {
    config.verify = { ...(config.verify as object), variants: { int8: { maxDifference: 0.02 } } };
  });
};

export const VARIANT_CASES: readonly RuleCase[] = [
  passes('onnx-variants', 'int8 within its gate', addInt8),
  fails('onnx-variants', 'int8 recorded as without loss', claimNoLoss, [
    /the largest difference of onnx\/model_quantized\.onnx is 0; measured: 0\.00/,
  ]),
];
