import type { Rule, RuleFinding } from '../rule.ts';

/** What training, editors and operating systems leave, and what it is, for the message. */
const STRAYS: readonly (readonly [RegExp, string])[] = [
  [/(^|\/)checkpoint-\d+\//, 'a checkpoint of the training run'],
  [/(^|\/)optimizer\.(pt|bin|safetensors)$/, "the optimizer's state"],
  [/(^|\/)scheduler\.(pt|bin)$/, "the scheduler's state"],
  [/(^|\/)scaler\.pt$/, "the gradient scaler's state"],
  [/(^|\/)rng_state(_\d+)?\.pth$/, "the random generator's state"],
  [/(^|\/)trainer_state\.json$/, "the trainer's state"],
  [/(^|\/)events\.out\.tfevents\./, 'a TensorBoard log'],
  [/(^|\/)(wandb|mlruns|lightning_logs|runs)\//, "an experiment tracker's folder"],
  [/(^|\/)(__pycache__|\.ipynb_checkpoints|\.pytest_cache|\.venv|node_modules)\//, "a tool's folder"],
  [/\.py[co]$/, 'compiled Python'],
  [/(^|\/)(\.DS_Store|Thumbs\.db|desktop\.ini)$|(^|\/)\._/, "the operating system's"],
  [/(~|\.swp|\.swo|\.bak|\.orig|\.rej|\.tmp|\.incomplete|\.lock)$/, "an editor's or a download's leftover"],
  [/(^|\/)(\.env(\..*)?|\.netrc|\.git-credentials|id_(rsa|ed25519|ecdsa))$/, 'where credentials are kept'],
  [/(^|\/)(nohup\.out|slurm-\d+.*\.out|core\.\d+)$/, "a job's output"],
];

export const strayFiles: Rule = {
  code: 'stray-files',
  title: 'no file is left over from training or tools',
  group: 'files',
  severity: 'warning',
  explanation:
    'No checkpoints, optimizer or scheduler states, TensorBoard logs, tracker folders, editor backups, `.env` or `.DS_Store`: they are large, or private, or both, and nobody can use them.',
  fix: 'delete it from the run folder and assemble again',
  cheap: true,
  async check({ files }) {
    const findings: RuleFinding[] = [];
    const folders = new Set<string>();
    for (const path of files) {
      const found = STRAYS.find(([form]) => form.test(path));
      if (found === undefined) continue;
      const [form, what] = found;
      const match = form.exec(path)?.[0] ?? '';
      const folder = match.endsWith('/') ? path.slice(0, path.indexOf(match) + match.length) : undefined;
      if (folder === undefined) findings.push({ path, message: `is ${what}, not part of a model` });
      else if (!folders.has(folder)) {
        folders.add(folder);
        const count = files.filter((name) => name.startsWith(folder)).length;
        findings.push({
          path: folder,
          message: `is ${what} (${count} file${count === 1 ? '' : 's'}), not part of a model`,
        });
      }
    }
    return { findings };
  },
};
