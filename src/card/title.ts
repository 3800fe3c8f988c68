/** Spellings that capitalising would lose. */
const WORDS: Readonly<Record<string, string>> = Object.fromEntries(
  [
    'ModernBERT',
    'BERT',
    'CoT',
    'SQL',
    'NL',
    'NLI',
    'NLP',
    'QA',
    'LLM',
    'RLHF',
    'RM',
    'PRM',
    'ORM',
    'HF',
    'ONNX',
  ].map((word) => [word.toLowerCase(), word]),
);

/** A heading from a file or repository name: `modernbert_cot_reward` → `ModernBERT CoT Reward`. */
export function titleFromName(name: string): string {
  return name
    .split(/[-_\s]+/)
    .filter((word) => word !== '')
    .map((word) => WORDS[word.toLowerCase()] ?? word.charAt(0).toUpperCase() + word.slice(1))
    .join(' ');
}
