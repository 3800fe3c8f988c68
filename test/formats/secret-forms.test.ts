import { expect, test } from 'vitest';
import { holdsSecret, namesSecret } from '../../src/formats/secret-forms.ts';

// Put together here, so that no text in the repository has the form of a credential.
const x = (length: number) => 'x'.repeat(length);

test.each([
  `hf_${x(34)}`,
  `api_org_${x(34)}`,
  `ghp_${x(36)}`,
  `github_pat_${x(22)}_${x(59)}`,
  `glpat-${x(20)}`,
  `AKIA${'X'.repeat(16)}`,
  `AIza${x(35)}`,
  `xoxb-${x(24)}`,
  `sk-proj-${x(40)}`,
  `npm_${x(36)}`,
  `pypi-AgE${x(40)}`,
  `eyJ${x(20)}.eyJ${x(20)}.${x(20)}`,
  `-----BEGIN RSA ${'PRIVATE'} KEY-----`,
  `https://user:${x(8)}@example.org/data`,
])('case %#: a credential, also inside other text', (secret) => {
  expect(holdsSecret(secret)).toBe(true);
  expect(holdsSecret(`--token=${secret}\n`)).toBe(true);
});

test.each([
  'hf_modernbert_reward_model_version_2',
  'task-classification-of-long-documents',
  'https://example.org:8080/data',
  'sk-learn',
  '0a0b0c0d0e0f0a0b0c0d0e0f0a0b0c0d0e0f0a0b',
])('%s is no credential', (text) => {
  expect(holdsSecret(text)).toBe(false);
});

test.each(['token', 'hub_token', 'push_to_hub_token', 'api_key', 'WANDB_API_KEY', 'db_password'])(
  '%s is for a credential',
  (name) => {
    expect(namesSecret(name)).toBe(true);
  },
);

test.each(['include_num_input_tokens_seen', 'eos_token', 'max_new_tokens', 'tokenizer', 'sort_key'])(
  '%s is not',
  (name) => {
    expect(namesSecret(name)).toBe(false);
  },
);
