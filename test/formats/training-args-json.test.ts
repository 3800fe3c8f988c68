import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { readTrainingArgs, toTrainingArgsJson } from '../../src/formats/training-args.ts';
import { makeReading } from './training-args-reading.ts';

const FILES = new URL('../files/training-args/', import.meta.url);

describe('training_args.json', () => {
  test('keeps the order and leaves out what is private', () => {
    const reading = makeReading({
      output_dir: '/scratch/runs/reward-1/',
      learning_rate: 2e-5,
      _n_gpu: 1,
      hub_token: null,
      resume_from_checkpoint: '/home/alice',
      report_to: ['tensorboard'],
      files: ['a', '/home/alice'],
      run_name: '',
      distributed_state: { _cpu: true, device: 'cuda:0' },
      nothing: null,
    });
    expect(toTrainingArgsJson(reading)).toBe(`{
  "output_dir": "reward-1",
  "learning_rate": 0.00002,
  "report_to": [
    "tensorboard"
  ],
  "run_name": "",
  "distributed_state": {
    "device": "cuda:0"
  },
  "nothing": null
}
`);
  });

  test('of a real file holds every public argument of the live object', async () => {
    const json = JSON.parse(
      toTrainingArgsJson(await readTrainingArgs(readFileSync(new URL('rich.bin', FILES)))),
    );
    const live = JSON.parse(readFileSync(new URL('rich.json', FILES), 'utf8')).arguments;
    const names = Object.keys(live).filter((name) => !name.startsWith('_') && name !== 'hub_token');
    expect(Object.keys(json)).toEqual(names);
    expect(json.floats).toEqual(['NaN', 'Infinity', '-Infinity', 1e-300]);
  });
});
