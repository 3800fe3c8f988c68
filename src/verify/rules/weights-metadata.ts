import { join } from 'node:path';
import { readSafetensorsHeader } from '../../formats/safetensors.ts';
import type { Rule, RuleFinding } from '../rule.ts';

/** What transformers 4 takes; it refuses to load anything else. */
const FORMATS = new Set(['pt', 'tf', 'flax', 'mlx']);

export const weightsMetadata: Rule = {
  code: 'weights-metadata',
  title: 'transformers takes the format that the weights name',
  group: 'weights',
  severity: 'error',
  explanation:
    'If the header of a safetensors file has metadata, its `format` is one that transformers 4 knows (`pt`, `tf`, `flax`, `mlx`): `from_pretrained` refuses the file otherwise. No metadata at all is accepted.',
  fix: 'save again with metadata={"format": "pt"}',
  cheap: true,
  needs: ['safetensors-header'],
  async check({ dir, header }) {
    const findings: RuleFinding[] = [];
    for (const path of (await header()).files) {
      const { metadata } = await readSafetensorsHeader(join(dir, path));
      const { format } = metadata;
      if (Object.keys(metadata).length === 0 || FORMATS.has(format ?? '')) continue;
      const message =
        format === undefined
          ? 'has metadata without a format, which transformers 4 refuses'
          : `names its format ${JSON.stringify(format)}, which transformers 4 refuses`;
      findings.push({ path, message });
    }
    return { findings };
  },
};
