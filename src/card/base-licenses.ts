/**
 * Licences of well-known encoders by lower-case Hub id, as their own cards state them. A fine-tuned model is a derived
 * work, so its card has the same licence unless its author says otherwise.
 */
const BASES: Readonly<Record<string, readonly string[]>> = {
  'apache-2.0': [
    ...['answerdotai/modernbert-base', 'answerdotai/modernbert-large'],
    ...['bert-base-uncased', 'bert-base-cased', 'bert-large-uncased', 'bert-large-cased'].flatMap((name) => [
      name,
      `google-bert/${name}`,
    ]),
    ...['bert-base-multilingual-cased', 'bert-base-multilingual-uncased'].flatMap((name) => [
      name,
      `google-bert/${name}`,
    ]),
    ...['distilbert-base-uncased', 'distilbert-base-cased', 'distilroberta-base'].flatMap((name) => [
      name,
      `distilbert/${name}`,
    ]),
    ...['small', 'base', 'large'].map((size) => `google/electra-${size}-discriminator`),
    ...['sentence-transformers/all-minilm-l6-v2', 'sentence-transformers/all-mpnet-base-v2'],
    'nomic-ai/nomic-bert-2048',
  ],
  mit: [
    ...['roberta-base', 'roberta-large', 'xlm-roberta-base', 'xlm-roberta-large'].flatMap((name) => [
      name,
      `facebookai/${name}`,
    ]),
    ...['xsmall', 'small', 'base', 'large'].map((size) => `microsoft/deberta-v3-${size}`),
    'microsoft/mdeberta-v3-base',
  ],
};

export function findBaseLicense(baseModel: string | undefined): string | undefined {
  const id = baseModel?.toLowerCase();
  return Object.entries(BASES).find(([, bases]) => id !== undefined && bases.includes(id))?.[0];
}
