import { createReadStream } from 'node:fs';
import { copyFile, mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Checkpoint } from '../checkpoint/index.ts';
import type { Config } from '../config.ts';
import { HubwrightError } from '../errors.ts';
import { formatJson } from '../formats/json.ts';
import type { TensorEntry } from '../formats/safetensors.ts';
import { type TensorSource, writeSafetensors } from '../formats/safetensors-writer.ts';
import { formatSpelledJson, type SpelledObject } from '../formats/spelled-json.ts';
import { WEIGHTS_FILE, type Weights } from '../formats/weights.ts';
import { describeLayout, ENCODER_CONFIG } from '../layouts/sentence-transformers.ts';
import { makeEncoderConfig } from './model-config.ts';

export interface LayoutSource {
  /** The run's `config.json`. */
  readonly raw: SpelledObject;
  readonly weights: Weights;
  readonly checkpoint: Checkpoint;
  readonly config: Config;
}

/**
 * Adds the sentence-transformers layout to a bundle, so that `SentenceTransformer(repo).encode(texts)[:, 0]` gives
 * scores without any code of the repository. The encoder lies in a folder of its own, since the settings at the root
 * name a class that needs such code; so its weights are there twice, under the names that the encoder's own class gives
 * them.
 *
 * @throws HubwrightError UNSUPPORTED for a head that these modules cannot express
 */
export async function writeSentenceTransformers(
  dir: string,
  { raw, weights, checkpoint, config }: LayoutSource,
): Promise<void> {
  if (checkpoint.classifier !== undefined) {
    throw new HubwrightError(
      'UNSUPPORTED',
      `layouts: sentence-transformers has no modules for the head of ${checkpoint.classifier.className}`,
      { hint: 'leave that layout out of hubwright.json: this model loads without remote code as it is' },
    );
  }
  const layout = describeLayout(weights, checkpoint, config);
  const place = async (path: string) => {
    await mkdir(dirname(join(dir, path)), { recursive: true });
    return join(dir, path);
  };
  for (const [path, document] of Object.entries(layout.documents)) {
    await writeFile(await place(path), formatJson(document));
  }
  for (const [path, tensors] of Object.entries(layout.weights)) {
    const sources = [...tensors].map(([name, entry]) => copyTensor(dir, name, entry));
    await writeSafetensors(await place(path), sources);
  }
  for (const [path, from] of Object.entries(layout.copies))
    await copyFile(join(dir, from), await place(path));
  await writeFile(await place(ENCODER_CONFIG), formatSpelledJson(makeEncoderConfig(raw, checkpoint)));
}

/** A tensor of the bundle's weights under another name, read when it is written. */
function copyTensor(
  dir: string,
  name: string,
  { dtype, shape, offset, byteLength, file }: TensorEntry,
): TensorSource {
  const path = join(dir, file ?? WEIGHTS_FILE);
  const data = {
    [Symbol.asyncIterator]: () =>
      createReadStream(path, { start: offset, end: offset + byteLength - 1, highWaterMark: 1 << 20 })[
        Symbol.asyncIterator
      ](),
  };
  return { name, dtype, shape, bytes: byteLength, data };
}
