import { randomBytes } from 'node:crypto';
import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { Command } from 'commander';
import { HubwrightError } from '../../errors.ts';
import { startHub } from '../../hub/index.ts';
import { createContext } from '../context.ts';
import { parsePort } from '../port.ts';
import type { GlobalFlags } from '../terminal.ts';

interface HubFlags extends GlobalFlags {
  readonly data: string;
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly org?: readonly string[];
  /** False with --no-rate-limits. */
  readonly rateLimits: boolean;
}

export function addHub(program: Command): void {
  program
    .command('hub')
    .description('run a local Hub: to try a publish, as a staging place, and for tests')
    .option('--data <dir>', 'where it keeps repositories', '.hubwright-hub')
    .option('--host <address>', 'the address to listen on', '127.0.0.1')
    .option('--port <number>', 'the port; 0 takes a free one', parsePort, 8788)
    .option('--user <name>', 'the user whom the token belongs to', 'me')
    .option('--org <name...>', 'organisations that the user may write to')
    .option('--no-rate-limits', "let clients send and commit more than the Hub's quotas allow")
    .action(async (_: unknown, command: Command) => {
      const flags = command.optsWithGlobals<HubFlags>();
      const { signal, finish, flags: shared } = createContext('hub', flags);
      const { token, file } = await keepToken(flags.data);
      const hub = await startHub({
        dataDir: flags.data,
        host: flags.host,
        port: flags.port,
        tokens: [{ token, user: flags.user, role: 'write', orgs: flags.org ?? [] }],
        ...(flags.rateLimits ? {} : { rateLimits: false }),
        onRequest: ({ method, path, status }) => {
          if (shared.quiet !== true) process.stderr.write(`${status} ${method} ${path}\n`);
        },
      });
      finish(
        [
          `a Hub is listening at ${hub.url}; Ctrl-C ends it`,
          'in another terminal:',
          `  export HF_ENDPOINT=${hub.url} HF_TOKEN_PATH=${file}`,
          `  hubwright publish --repo ${flags.user}/my-model <run-dir>`,
        ].join('\n'),
        { url: hub.url, user: flags.user, tokenFile: file, data: resolve(flags.data) },
      );
      await new Promise<void>((ended) => {
        signal.addEventListener('abort', () => ended());
        process.once('SIGTERM', () => ended());
      });
      await hub.close();
    });
}

/** The token lives in a file that huggingface_hub's own variable can point to, so that it is never printed. */
async function keepToken(dataDir: string): Promise<{ token: string; file: string }> {
  const file = resolve(join(dataDir, 'token'));
  const known = await readFile(file, 'utf8').catch(() => undefined);
  if (known !== undefined && known.trim() !== '') return { token: known.trim(), file };
  const token = `hf_${randomBytes(17).toString('hex')}`;
  try {
    await mkdir(dataDir, { recursive: true });
    await writeFile(file, token, { mode: 0o600 });
    await chmod(file, 0o600);
  } catch (cause) {
    throw new HubwrightError('OUTPUT', `${dataDir} cannot be written`, {
      hint: 'name another folder with --data',
      cause,
    });
  }
  return { token, file };
}
