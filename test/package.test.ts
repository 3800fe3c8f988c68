import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { configJsonSchema } from '../src/config.ts';
import * as api from '../src/index.ts';
import { reportJsonSchema } from '../src/verification.ts';

const read = (file: string) => JSON.parse(readFileSync(join(import.meta.dirname, '..', file), 'utf8'));

test('the library exports this and no more', () => {
  expect(Object.keys(api).sort()).toEqual([
    'EXIT',
    'HubwrightError',
    'assemble',
    'defineConfig',
    'loadConfig',
    'publish',
    'scoreTexts',
    'startHub',
    'verify',
    'verifyShard',
  ]);
});

test.each([
  ['schema.json', configJsonSchema],
  ['verification.schema.json', reportJsonSchema],
])('%s is what the code checks (npm run generate)', (file, schema) => {
  expect(read(file)).toEqual(JSON.parse(JSON.stringify(schema())));
});

test('no package runs a script when it is installed', () => {
  expect(readFileSync(join(import.meta.dirname, '../.npmrc'), 'utf8')).toContain('ignore-scripts=true');
  const { scripts } = read('package.json');
  expect(Object.keys(scripts).filter((name) => /install|^prepare$/.test(name))).toEqual([]);
});
