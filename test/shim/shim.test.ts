import { describe, expect, it } from 'vitest';
import { modernBert } from '../../src/architectures/modernbert.ts';
import type { Checkpoint } from '../../src/checkpoint/index.ts';
import { type ConfigInput, defineConfig } from '../../src/config.ts';
import type { TensorEntry } from '../../src/formats/safetensors.ts';
import { autoMap, renderShim, SHIM_FILE } from '../../src/shim/index.ts';
import { catchError } from '../fixtures/caught.ts';

interface Variant {
  readonly prefix?: string;
  readonly head?: string;
  readonly bias?: boolean;
  readonly config?: Partial<ConfigInput>;
}

/** Renders for a checkpoint of which only the names matter. */
function render({ prefix = 'encoder.', head = 'regressor', bias = true, config = {} }: Variant = {}): string {
  const tensor: TensorEntry = { name: head, dtype: 'F32', shape: [1, 8], offset: 0, byteLength: 32 };
  const checkpoint = {
    architecture: modernBert,
    modelType: 'modernbert',
    className: 'ModernBert',
    unused: [],
    prefix,
    head: { attribute: head, weight: tensor, bias: bias ? tensor : undefined, labels: 1 },
  } as Partial<Checkpoint> as Checkpoint;
  return renderShim({
    checkpoint,
    config: defineConfig({
      input: { template: 'SQL: {{sql}}\nNL: {{nl}}', label: 'score', maxLength: 2048 },
      baseModel: 'answerdotai/ModernBERT-base',
      ...config,
    }),
  });
}

describe('renderShim', () => {
  it('writes the file of the first user’s model', async () => {
    await expect(render()).toMatchFileSnapshot('../files/shim/encoder-regressor.py');
  });

  it.each([
    [
      'backbone.model.',
      'head.0',
      ['self.backbone = nn.Module()', 'self.backbone.model = ModernBertModel(config)'],
    ],
    [
      'net.encoder.',
      'net.score',
      ['self.net = nn.Module()', 'self.net.score = nn.Linear(config.hidden_size, 1)'],
    ],
    ['0.', '1', ['self.add_module("0", ModernBertModel(config))', 'self.get_submodule("1").weight.dtype']],
    ['bert.', 'bert.out', ['self.bert.out = nn.Linear(config.hidden_size, 1)']],
    ['', 'classifier', ['class BERTRewardModel(ModernBertModel):', 'encoded = super().forward(']],
    ['base_model.', 'score', ['return self._modules["base_model"]']],
  ])('puts modules where the tensors of %j and %j are', (prefix, head, lines) => {
    const source = render({ prefix, head });
    for (const line of lines) expect(source).toContain(line);
    expect(source.match(/nn\.Module\(\)/g)?.length ?? 0).toBeLessThanOrEqual(2);
  });

  it('follows head, pooling and base model', () => {
    expect(render({ bias: false })).toContain('nn.Linear(config.hidden_size, 1, bias=False)');
    const source = render({
      config: { head: { pooling: 'cls', activation: 'identity' }, baseModel: undefined },
    });
    expect(source).toContain('pooled = hidden[:, 0]');
    expect(source).toContain('scores = logits\n');
    expect(source).not.toMatch(/sigmoid|BASE_MODEL|\{\{[a-z#/]/);
  });

  it('writes a template of any text as a literal', () => {
    const config = { input: { template: '{x} "{{a "b}}" """\n{{sql}}\\', label: 'y', maxLength: 8 } };
    expect(render({ config })).toContain(
      String.raw`return "{{x}} \"{}\" \"\"\"\n{}\\".format(row["a \"b"], row["sql"])`,
    );
  });

  it.each([
    ['encoder.', 'x");import os#'],
    ['en coder.', 'score'],
    ['a\n.', 'score'],
    ['encoder.', 'config'],
    ['device.', 'score'],
    ['score.model.', 'score'],
    ['encoder.', ''],
  ])('refuses names that no attribute can have: %j, %j', async (prefix, head) => {
    const error = await catchError(() => render({ prefix, head }));
    expect(error.code).toBe('UNSUPPORTED');
  });
});

describe('autoMap', () => {
  it('names classes of the shim, with exactly one dot each', () => {
    const source = render();
    expect(Object.keys(autoMap())).toEqual(['AutoConfig', 'AutoModel', 'AutoModelForSequenceClassification']);
    for (const target of Object.values(autoMap())) {
      const [module, name, ...rest] = target.split('.');
      expect(`${module}.py`).toBe(SHIM_FILE);
      expect(source).toContain(`class ${name}(`);
      expect(rest).toEqual([]);
    }
    expect(source).toContain('model_type = "modernbert_reward"');
  });
});
