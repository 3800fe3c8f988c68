import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { parseJson, readJsonObject, readJsonText } from '../../formats/json.ts';
import { readSafetensorsHeader, type TensorEntry } from '../../formats/safetensors.ts';
import { WEIGHTS_FILE } from '../../formats/weights.ts';
import {
  describeLayout,
  ENCODER_CONFIG,
  type Layout,
  MODULES_FILE,
} from '../../layouts/sentence-transformers.ts';
import type { Rule, RuleFinding } from '../rule.ts';
import type { Subject } from '../subject.ts';

const FIX = 'assemble it again: hubwright assemble <run-dir>';

export const layoutMatches: Rule = {
  code: 'layout-matches',
  title: 'the sentence-transformers layout is the same model',
  group: 'weights',
  severity: 'error',
  explanation:
    'Where the bundle has a `modules.json`, the modules that it lists are the model at the root: each tensor with the same bytes, the same pooling, activation, length and tokenizer. sentence-transformers loads these files and never looks at the others.',
  fix: FIX,
  cheap: true,
  needs: ['tensors-config'],
  async check(subject) {
    if (!subject.files.includes(MODULES_FILE)) return { notApplicable: `the bundle has no ${MODULES_FILE}` };
    const layout = describeLayout(await subject.header(), await subject.checkpoint(), await subject.config());
    const findings = [
      ...(await compareDocuments(subject, layout)),
      ...(await compareEncoder(subject)),
      ...(await compareCopies(subject, layout)),
      ...(await compareWeights(subject, layout)),
    ];
    return { findings };
  },
};

async function compareDocuments({ dir }: Subject, { documents }: Layout): Promise<RuleFinding[]> {
  const findings: RuleFinding[] = [];
  for (const [path, expected] of Object.entries(documents)) {
    const actual = parseJson(await readJsonText(join(dir, path)), path);
    if (isDeepStrictEqual(actual, JSON.parse(JSON.stringify(expected)))) continue;
    findings.push({
      path,
      message: `does not say what the model is: ${JSON.stringify(expected)} was expected`,
    });
  }
  return findings;
}

async function compareEncoder(subject: Subject): Promise<RuleFinding[]> {
  const { architecture, modelType, config } = await subject.checkpoint();
  const raw = await readJsonObject(join(subject.dir, ENCODER_CONFIG));
  const isSame = raw.model_type === modelType && isDeepStrictEqual(architecture.readConfig(raw), config);
  const message = 'describes another encoder than the config.json at the root';
  return isSame ? [] : [{ path: ENCODER_CONFIG, message }];
}

async function compareCopies({ hashes }: Subject, { copies }: Layout): Promise<RuleFinding[]> {
  const hashOf = new Map((await hashes()).map(({ path, sha256 }) => [path, sha256]));
  return Object.entries(copies)
    .filter(([path, from]) => hashOf.get(path) !== hashOf.get(from))
    .map(([path, from]) => ({ path, message: `is not the ${from} at the root` }));
}

async function compareWeights({ dir }: Subject, { weights }: Layout): Promise<RuleFinding[]> {
  const findings: RuleFinding[] = [];
  for (const [path, expected] of Object.entries(weights)) {
    const { tensors } = await readSafetensorsHeader(join(dir, path));
    const names = new Set([...tensors.keys(), ...expected.keys()]);
    for (const name of names) {
      const [here, there] = [tensors.get(name), expected.get(name)];
      const message = await compareTensor(dir, path, here, there);
      if (message !== undefined) findings.push({ path, message: `tensor ${name} ${message}` });
    }
  }
  return findings;
}

async function compareTensor(
  dir: string,
  path: string,
  here: TensorEntry | undefined,
  there: TensorEntry | undefined,
): Promise<string | undefined> {
  if (here === undefined) return 'is missing';
  if (there === undefined) return 'is not part of the model';
  const form = ({ dtype, shape }: TensorEntry) => `${dtype} [${shape.join(', ')}]`;
  if (form(here) !== form(there)) return `is ${form(here)}; the model has ${form(there)}`;
  const own = await hashRange(join(dir, path), here);
  const model = await hashRange(join(dir, there.file ?? WEIGHTS_FILE), there);
  return own === model ? undefined : `has other values than ${there.name} of the model`;
}

async function hashRange(path: string, { offset, byteLength }: TensorEntry): Promise<string> {
  const hash = createHash('sha256');
  if (byteLength === 0) return hash.digest('hex');
  const options = { start: offset, end: offset + byteLength - 1, highWaterMark: 1 << 20 };
  for await (const piece of createReadStream(path, options)) hash.update(piece);
  return hash.digest('hex');
}
