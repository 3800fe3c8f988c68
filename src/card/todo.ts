import type { CardFacts } from './facts.ts';

/** What the card does without because only its author knows it, in the order of use to a reader. */
export function listTodo({ config, license, examples, known }: CardFacts): string[] {
  const { card } = config;
  const missing: readonly (readonly [unknown, string])[] = [
    [card.summary, 'card.summary: what the model is for, in two sentences'],
    [card.score, 'card.score: what a high score means, and what a low one'],
    [card.intendedUse, 'card.intendedUse: whom it serves, and for what'],
    [card.limitations, 'card.limitations: where it must not be trusted'],
    [card.data, 'card.data: where the rows and their scores come from, and how they were split'],
    [card.training, 'card.training: what the arguments do not say, such as the loss and early stopping'],
    [license, 'license: without one nobody may use the model'],
    [config.baseModel, 'baseModel: the Hub links the card to it, and back'],
    [config.language, 'language: the languages of the texts'],
    [config.repo, 'repo: so that the snippets name the repository'],
    [config.publish.tag, 'publish.tag: so that the snippets pin a revision'],
    [examples, 'three test rows of at most 2,000 characters: without them no snippet can show its score'],
    [known, 'card_facts.json: token lengths and scores of the examples; hubwright assemble measures them'],
  ];
  return missing.flatMap(([value, text]) => (value === undefined ? [text] : []));
}
