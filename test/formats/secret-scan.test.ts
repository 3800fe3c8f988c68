import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { findSecrets, findSecretsInFile } from '../../src/formats/secret-scan.ts';
import { makeTempDir } from '../fixtures/temp-dir.ts';

// Made here piece by piece, so that no text in the repository has the form of a credential.
const CHARS = 'aK3dR7tZ1qW9eX5uP2mB8vN4cL6hJ0gYsFiDoTkSw';
const r = (length: number) => CHARS.repeat(8).slice(3, 3 + length);
const hex = (length: number) => '9f1c07ab4e83d25'.repeat(8).slice(0, length);

describe('findSecrets', () => {
  test.each([
    ['Hugging Face token', `hf_${r(34)}`],
    ['GitHub token', `ghp_${r(36)}`],
    ['GitLab token', `glpat-${r(20)}`],
    ['AWS access key', `AKIA${r(40).toUpperCase().slice(0, 16)}`],
    ['Azure storage key', `AccountKey=${r(86)}==`],
    ['Google API key', `AIza${r(35)}`],
    ['Google OAuth secret', `GOCSPX-${r(28)}`],
    ['Slack token', `xoxb-${'4821905736'}-${r(24)}`],
    ['Slack webhook', `https://hooks.slack.com/services/T${r(9)}/B${r(9)}/${r(24)}`],
    ['Anthropic key', `sk-ant-api03-${r(80)}`],
    ['OpenAI-style key', `sk-proj-${r(48)}`],
    ['Weights & Biases key', `export WANDB_API_KEY=${hex(40)}`],
    ['Groq key', `gsk_${r(52)}`],
    ['Replicate token', `r8_${r(37)}`],
    ['Databricks token', `dapi${hex(32)}`],
    ['Stripe key', `sk_live_${r(24)}`],
    ['SendGrid key', `SG.${r(22)}.${r(43)}`],
    ['DigitalOcean token', `dop_v1_${hex(64)}`],
    ['Telegram bot token', `481920573:AA${r(33)}`],
    ['npm token', `npm_${r(36)}`],
    ['PyPI token', `pypi-AgE${r(60)}`],
    ['JSON web token', `eyJ${r(20)}.eyJ${r(40)}.${r(43)}`],
    ['private key', `-----BEGIN RSA ${'PRIVATE'} KEY-----`],
    ['password in a URL', `postgres://svc:${r(12)}@db.internal/prod`],
    ['key or password', `aws_secret_access_key = ${r(40)}`],
    ['key or password', `{"clientSecret": "${r(32)}"}`],
    ['key or password', `machine x\n  password: '${r(20)}'`],
  ])('a %s, on its line, without its value', (kind, secret) => {
    const found = findSecrets(`first\nsecond, ${secret}\nlast`);
    expect(found).toHaveLength(1);
    expect(found[0]).toEqual({ kind, line: secret.includes('\n') ? 3 : 2 });
  });

  test.each([
    `hf_${'x'.repeat(34)}`,
    'HF_TOKEN=hf_your_token_goes_right_here',
    'from_pretrained("me/hf_modernbert_reward_model_version_2")',
    'AKIAIOSFODNN7EXAMPLE',
    'postgres://user:password@localhost/db',
    '<div class="sk-toggleable__content fitted sk-estimator-doc-link-wrapper">',
    'task-classification-of-long-documents-v2',
    `"rootDigest": "${hex(64)}"`,
    `sha256:${hex(64)}`,
    '"eos_token": "<|endoftext|>", "pad_token_id": 50283',
    '"password": 12345, "secret": 6789, "token": 1',
    "SELECT token, password FROM users WHERE api_key = 'abc' AND secret = 'hunter2'",
    'password=correct-horse-battery-staple',
    'token: process.env.HUB_TOKEN_2026',
    'api_key=os.environ.get("OPENAI_API_KEY2")',
    'revision="7f3c2d1e9b8a7f6e5d4c3b2a190817263544f3e2"',
    `Git commit of the wandb run is not shown here; it is another line.\n${hex(40)}`,
  ])('%s is none', (text) => {
    expect(findSecrets(text)).toEqual([]);
  });

  test('names each line and kind once, the known kind before the unknown', () => {
    const token = `hf_${r(34)}`;
    expect(findSecrets(`token=${token} ${token}\n\nsecret="${r(30)}"\n${token}`)).toEqual([
      { kind: 'Hugging Face token', line: 1 },
      { kind: 'key or password', line: 3 },
      { kind: 'Hugging Face token', line: 4 },
    ]);
  });

  test('takes linear time on hostile text', () => {
    for (const part of ['eyJ', '://a:', 'a'.repeat(50), 'wandb ', 'token="', 'sk-', 'hf_'])
      expect(findSecrets(part.repeat(200_000))).toEqual([]);
  }, 20_000);
});

describe('findSecretsInFile', () => {
  const scan = async (content: string | Buffer) => {
    const path = join(makeTempDir(), 'file');
    await writeFile(path, content);
    return findSecretsInFile(path);
  };

  test('a large text: the right line, also where two pieces meet', async () => {
    const rows = Array.from({ length: 120_000 }, (_, i) => `${i},some text of a row,0.5`);
    let at = 0;
    for (let bytes = 0; bytes < 1024 * 1024; at += 1) bytes += (rows[at]?.length ?? 0) + 1;
    at -= 1;
    rows[at] = `${at},hf_${r(34)},0.5`;
    rows[110_000] = `${at},ghp_${r(36)},0.5`;
    expect(await scan(rows.join('\n'))).toEqual([
      { kind: 'Hugging Face token', line: at + 1 },
      { kind: 'GitHub token', line: 110_001 },
    ]);
  });

  test('the strings of a binary file, whatever length byte stands before them', async () => {
    const secret = `sk-proj-${r(43)}`;
    const pickle = Buffer.concat([Buffer.from([0x80, 4, 0, 0x8c, secret.length]), Buffer.from(secret)]);
    expect(await scan(pickle)).toEqual([{ kind: 'OpenAI-style key', line: 0 }]);
    expect(await scan(Buffer.alloc(5_000_000))).toEqual([]);
  });

  test('a text in UTF-16, as Windows writes it', async () => {
    expect(await scan(Buffer.from(`\ufeffa\nTOKEN=hf_${r(34)}`, 'utf16le'))).toEqual([
      { kind: 'Hugging Face token', line: 2 },
    ]);
  });

  test('a file that is not there is an error', async () => {
    await expect(findSecretsInFile('/nowhere/none')).rejects.toMatchObject({ code: 'INPUT_MISSING' });
  });
});
