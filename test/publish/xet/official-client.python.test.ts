import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createXetHasher, toHex } from '../../../src/formats/xet/hash.ts';
import { chunkFile } from '../../../src/publish/xet/chunk-file.ts';
import { PYTHON_HUB2, WITHOUT_PYTHON_HUB2 } from '../../oracle/python.ts';
import { openStage, REPO, TOKEN } from '../stage.ts';
import { noise } from './noise.ts';

/** Around every limit of the chunks, and content that repeats, that has a period, and that packs well. */
const CONTENTS: Readonly<Record<string, Buffer>> = {
  ...Object.fromEntries(
    [1, 8_191, 8_192, 8_193, 131_071, 131_072, 131_073, 400_000, 2_500_000, 6_300_001].map((size) => [
      `noise-${size}.bin`,
      noise(size, String(size)),
    ]),
  ),
  'zeros.bin': Buffer.alloc(1_000_000),
  'period.bin': Buffer.concat(Array.from({ length: 40 }, () => noise(30_000, 'period'))),
  'floats.bin': Buffer.from(
    Float32Array.from({ length: 500_000 }, (_, at) => Math.sin(at / 50) / 100).buffer,
  ),
};
const WEIGHTS = noise(3_000_000, 'weights');
const retrained = (seed: string) => Buffer.concat([WEIGHTS.subarray(0, 2_900_000), noise(100_000, seed)]);

describe.skipIf(PYTHON_HUB2 === undefined)(`the official client of Xet${WITHOUT_PYTHON_HUB2}`, async () => {
  const stage = await openStage();
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'hubwright-hf-xet-'));
  });
  afterAll(async () => {
    rmSync(folder, { recursive: true, force: true });
    await stage.close();
  });

  /** Runs Python against the Hub; it fills the dictionary `out`, which is returned. */
  const python = async (script: string): Promise<Record<string, unknown>> => {
    const prelude = 'import json\nfrom huggingface_hub import *\napi = HfApi()\nout = {}\n';
    const { stdout } = await promisify(execFile)(
      PYTHON_HUB2 ?? '',
      ['-c', `${prelude}${script}\nprint(json.dumps(out))`],
      {
        env: {
          PATH: process.env.PATH,
          HF_HOME: join(folder, 'home'),
          HF_ENDPOINT: stage.hubUrl,
          HF_TOKEN: TOKEN,
          HF_HUB_DISABLE_PROGRESS_BARS: '1',
        },
      },
    );
    return JSON.parse(stdout.trim().split('\n').at(-1) ?? '{}') as Record<string, unknown>;
  };

  test('cuts and hashes files as publish does', async () => {
    for (const [name, content] of Object.entries(CONTENTS)) writeFileSync(join(folder, name), content);
    const { hashes } = await python(`
api.create_repo("me/hashes")
api.upload_folder(repo_id="me/hashes", folder_path=${JSON.stringify(folder)}, allow_patterns="*.bin")
out["hashes"] = {f.path: f.xet_hash for f in api.list_repo_tree("me/hashes") if f.path.endswith(".bin")}
`);
    const hasher = await createXetHasher();
    const own: Record<string, string> = {};
    for (const name of Object.keys(CONTENTS)) {
      const file = await open(join(folder, name));
      own[name] = toHex(hasher.file(await chunkFile(file, hasher)));
      await file.close();
    }
    expect(own).toEqual(hashes);
  });

  test('uploaded weights: publish sends what is new, and the client downloads what was published', async () => {
    writeFileSync(join(folder, 'model.safetensors'), WEIGHTS);
    await python(`
api.create_repo("${REPO}", exist_ok=True)
api.upload_file(repo_id="${REPO}", path_or_fileobj="${folder}/model.safetensors", path_in_repo="model.safetensors")
`);
    let bytes = 0;
    await stage.change({ 'model.safetensors': retrained('ours') });
    await stage.publish({}, (url, init, send) => {
      if (url.pathname.includes('/xorbs/')) bytes += Number(new Headers(init.headers).get('Content-Length'));
      return send(url, init);
    });
    expect(bytes).toBeGreaterThan(100_000);
    expect(bytes).toBeLessThan(450_000);
    const { sha256 } = await python(`
import hashlib
path = hf_hub_download("${REPO}", "model.safetensors")
out["sha256"] = hashlib.sha256(open(path, "rb").read()).hexdigest()
`);
    expect(sha256).toBe(createHash('sha256').update(retrained('ours')).digest('hex'));
  });
});
