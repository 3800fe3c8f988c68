import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { makeEncoderConfig } from '../assemble/model-config.ts';
import { writeLock } from '../bundle.ts';
import { describeCheckpoint } from '../checkpoint/index.ts';
import type { Config } from '../config.ts';
import { parseJsonObject } from '../formats/json.ts';
import { formatSpelledJson, parseSpelledJson } from '../formats/spelled-json.ts';
import { readWeights } from '../formats/weights.ts';
import { type Hub, startHub } from '../hub/index.ts';
import { publish } from '../publish/index.ts';
import { SHIM_FILE } from '../shim/index.ts';

/** A Hub of this process's own that holds the bundle, as a stranger would find it. */
export interface Staging {
  readonly hubUrl: string;
  readonly repo: string;
  readonly revision: string;
  close(): Promise<void>;
}

/**
 * Publishes a bundle to a Hub that lives as long as the check, and beside it, under the base model's own name, the
 * settings of its encoder: code that starts from the base model's name reads no more than those.
 */
export async function stageBundle(dir: string, config: Config, workDir: string): Promise<Staging> {
  const repo = config.repo ?? `local/${config.name ?? 'model'}`;
  const owners = new Set([repo, config.baseModel ?? repo].map((id) => id.split('/')[0] ?? ''));
  const tokens = [...owners].map((user) => ({
    token: `hf_${randomBytes(16).toString('hex')}`,
    user,
    role: 'write' as const,
  }));
  const hub = await startHub({ dataDir: join(workDir, 'hub'), tokens, rateLimits: false });
  const send = async (folder: string, id: string, tag?: string) => {
    const accessToken = tokens.find(({ user }) => id.startsWith(`${user}/`))?.token ?? '';
    const { commit } = await publish(folder, {
      repo: id,
      hubUrl: hub.url,
      accessToken,
      requireReport: false,
      tag,
    });
    return commit?.oid ?? 'main';
  };
  return closeOnError(hub, async () => {
    // The card's snippets may be pinned to the tag that the real repository will have.
    const revision = await send(dir, repo, config.publish.tag);
    // Only the wrapper can be built from the base's settings.
    const isWrapper = existsSync(join(dir, SHIM_FILE));
    if (isWrapper && config.baseModel !== undefined && config.baseModel !== repo) {
      await send(await writeBase(dir, config.baseModel, join(workDir, 'base')), config.baseModel);
    }
    return { hubUrl: hub.url, repo, revision, close: () => hub.close() };
  });
}

async function closeOnError<T>(hub: Hub, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    await hub.close();
    throw error;
  }
}

/** A folder with the encoder's settings as the base model has them: a stock `model_type`, and no code. */
async function writeBase(dir: string, baseModel: string, folder: string): Promise<string> {
  const text = await readFile(join(dir, 'config.json'), 'utf8');
  const checkpoint = describeCheckpoint(await readWeights(dir), parseJsonObject(text, 'config.json'));
  const settings = makeEncoderConfig(parseSpelledJson(text, 'config.json'), checkpoint);
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, 'config.json'), formatSpelledJson(settings));
  await writeFile(
    join(folder, 'README.md'),
    `---\nlicense: apache-2.0\n---\n\nThe settings of ${baseModel}, for a check.\n`,
  );
  await writeLock(folder);
  return folder;
}
