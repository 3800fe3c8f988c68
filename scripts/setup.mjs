// Brings a checkout to where its programs run: packages installed as the lock file says, and dist/ built.
// Plain JavaScript on Node's own modules, because it runs before anything is installed.
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const at = (path) => `${root}/${path}`;
const npm = process.env.npm_execpath;

/** Runs a program in the checkout; its output is shown, and its failure ends this process with the same code. */
export function run(command, args, env = {}) {
  const { status, error } = spawnSync(command, args, {
    cwd: root,
    stdio: 'inherit',
    env: { ...process.env, ...env },
  });
  if (error) console.error(error.message);
  if (status !== 0) process.exit(status ?? 1);
}

/** Installs when there is nothing installed, or the lock file changed since. */
export function install() {
  const installed = at('node_modules/.package-lock.json');
  const current =
    existsSync(installed) && statSync(installed).mtimeMs >= statSync(at('package-lock.json')).mtimeMs;
  if (current) return;
  console.log('installing packages …');
  // Install scripts stay off, here as in .npmrc: onnxruntime-node's would download CUDA libraries.
  const args = ['ci', '--ignore-scripts', '--no-audit', '--no-fund'];
  if (npm) run(process.execPath, [npm, ...args]);
  else run('npm', args, { shell: process.platform === 'win32' });
}

/** Builds dist/ anew, so that nothing of a file that is gone stays behind. */
export function build() {
  rmSync(at('dist'), { recursive: true, force: true });
  run(process.execPath, [at('node_modules/typescript/bin/tsc'), '-p', 'tsconfig.build.json']);
  buildClient();
}

/** What the licence of the packages inside asks for. */
const NOTICE = '/* Contains d3-array and d3-quadtree, Copyright 2010-2023 Mike Bostock, ISC licence. */';

/** The scripts and style sheets of pages: each script one file that needs no other, as a page carries it inside. */
function buildClient() {
  const rolldown = at('node_modules/rolldown/bin/cli.mjs');
  for (const name of readdirSync(at('client')).filter((file) => file.endsWith('.entry.ts'))) {
    const file = `dist/client/${name.replace('.entry.ts', '.js')}`;
    const options = ['--format', 'iife', '--platform', 'browser', '--minify', '--logLevel', 'warn'];
    run(process.execPath, [rolldown, `client/${name}`, '--file', file, ...options]);
    if (name.startsWith('report')) writeFileSync(at(file), `${NOTICE}\n${readFileSync(at(file), 'utf8')}`);
  }
  cpSync(at('client/styles'), at('dist/client'), { recursive: true });
}
