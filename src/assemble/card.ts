import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { TrainingArgsNotes } from '../card/card-facts-file.ts';
import { CARD_FACTS_FILE, CARD_FILE, readCard, renderCard } from '../card/index.ts';
import { measureCardFacts } from '../card/measure.ts';
import { readOverrides } from '../card/templates.ts';
import type { Config } from '../config.ts';
import { ONNX_FILE } from '../export/index.ts';
import { placeCache } from '../export/model-digest.ts';
import { formatJson } from '../formats/json.ts';
import type { AssembleOptions } from './index.ts';

/** Where a bundle carries its author's own templates, so that the card can be made again from the bundle alone. */
export const TEMPLATES_FOLDER = 'card_templates';

export async function copyTemplates(dir: string, { card }: Config): Promise<void> {
  if (card.templates === undefined) return;
  const overrides = await readOverrides(card.templates);
  await mkdir(join(dir, TEMPLATES_FOLDER), { recursive: true });
  for (const [name, text] of overrides) await writeFile(join(dir, TEMPLATES_FOLDER, `${name}.hbs`), text);
}

interface CardOptions extends Pick<AssembleOptions, 'outDir' | 'cacheDir' | 'onProgress' | 'signal'> {
  readonly trainingArgs: TrainingArgsNotes | undefined;
  readonly predictionsAreOwn: boolean;
}

/** Writes `card_facts.json` and README.md; what its author wrote into the bundle's earlier card is kept. */
export async function writeCard(dir: string, config: Config, options: CardOptions): Promise<void> {
  const { cacheDir, outDir, ...rest } = options;
  const cache = await placeCache(cacheDir, dir, ONNX_FILE);
  const facts = await measureCardFacts(dir, config, { ...rest, cache });
  await writeFile(join(dir, CARD_FACTS_FILE), formatJson(facts));
  const { text } = await renderCard(dir, { existing: await readCard(outDir) });
  await writeFile(join(dir, CARD_FILE), text);
}
