import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { writeLock } from '../../src/bundle.ts';

/** A bundle that nobody has verified, small and quickly made, for `publish --no-verify`. */
export async function makePlainBundle(dir: string, repo: string): Promise<void> {
  mkdirSync(dir, { recursive: true });
  const input = { template: '{{text}}', label: 'score', maxLength: 128 };
  writeFileSync(join(dir, 'hubwright.json'), JSON.stringify({ repo, input, license: 'mit' }));
  writeFileSync(join(dir, 'README.md'), '---\nlicense: mit\n---\n# Model\n');
  writeFileSync(join(dir, 'config.json'), '{"model_type": "bert"}\n');
  writeFileSync(join(dir, 'model.safetensors'), Buffer.alloc(20_000, 7));
  await writeLock(dir);
}
