import type { Rule, RuleFinding } from '../rule.ts';

/** Calls that name a model to load, in the languages that cards show. */
const CALLS: readonly RegExp[] = [
  /\b(?:from_pretrained|snapshot_download|hf_hub_download|snapshotDownload|SentenceTransformer|CrossEncoder)\(\s*(?:repo_id\s*=\s*|\{\s*repo:\s*)?["']([\w.-]+\/[\w.-]+)["']/g,
  /\bpipeline\([^)]*?\bmodel\s*=\s*["']([\w.-]+\/[\w.-]+)["']/g,
  /\b(?:repo|repo_id|model_id|model_name|MODEL|MODEL_ID)\s*=\s*["']([\w.-]+\/[\w.-]+)["']/g,
  /\bhf\s+download\s+([\w.-]+\/[\w.-]+)/g,
  /\bhuggingface-cli\s+download\s+([\w.-]+\/[\w.-]+)/g,
  /\bhubwright\s+(?:verify|publish --repo)\s+([\w.-]+\/[\w.-]+)/g,
  /\bgit\s+clone\s+\S*huggingface\.co\/([\w.-]+\/[\w.-]+)/g,
];

export const cardSnippets: Rule = {
  code: 'card-snippets',
  title: 'the snippets of the card load this model',
  group: 'card',
  severity: 'error',
  explanation:
    "Every snippet that loads a model names the repository of hubwright.json, or its base model. A copied card makes its readers run somebody else's model and wonder about the scores. Fences of code are closed.",
  fix: 'name this model in README.md where you wrote that yourself, and assemble again: hubwright assemble <run-dir> --repo <owner/name> --out <bundle>',
  cheap: true,
  needs: ['required-files'],
  async check({ card, config }) {
    const { repo, baseModel } = await config();
    const text = await card();
    const path = 'README.md';
    const findings: RuleFinding[] = [];
    const own = new Set([repo, baseModel]);
    for (const [i, line] of text.split('\n').entries()) {
      const named = CALLS.flatMap((form) => [...line.matchAll(form)].map((match) => match[1] ?? ''));
      for (const id of new Set(named)) {
        if (own.has(id) || isLocalPath(id)) continue;
        const message = `loads ${id}; this model is ${repo ?? 'not named in hubwright.json'}`;
        findings.push({ path, line: i + 1, message });
      }
    }
    const open = findOpenFence(text);
    if (open !== undefined) {
      findings.push({
        path,
        line: open,
        message: 'begins code that is never closed',
        hint: 'close it, and assemble again: hubwright assemble <run-dir> --out <bundle>',
      });
    }
    return { findings };
  },
};

function isLocalPath(id: string): boolean {
  return /^(\.|path\/|\.\.)/.test(id);
}

function findOpenFence(text: string): number | undefined {
  let open: { mark: string; line: number } | undefined;
  for (const [i, line] of text.split('\n').entries()) {
    const mark = /^ {0,3}(`{3,}|~{3,})/.exec(line)?.[1];
    if (mark === undefined) continue;
    if (open === undefined) open = { mark, line: i + 1 };
    else if (mark.startsWith(open.mark) && /^ {0,3}[`~]+\s*$/.test(line)) open = undefined;
  }
  return open?.line;
}
