import type { Rule, RuleFinding } from '../rule.ts';

/** transformers' names of dtypes, by those of safetensors. */
const NAMES: Readonly<Record<string, string>> = {
  F32: 'float32',
  F16: 'float16',
  BF16: 'bfloat16',
  F64: 'float64',
};

export const weightsDtype: Rule = {
  code: 'weights-dtype',
  title: 'the weights have one dtype, and a dtype that runs',
  group: 'weights',
  severity: 'warning',
  explanation:
    'All floating-point tensors are of one dtype. transformers 5 loads in the dtype of the checkpoint, so a mixture computes in whichever comes first. `torch_dtype` and `dtype` in config.json agree with each other: transformers 4 reads one, 5 the other.',
  fix: 'save the weights in one dtype, as in model.float().save_pretrained(run_dir)',
  cheap: true,
  needs: ['safetensors-header', 'json-strict'],
  async check({ header, modelConfig }) {
    const findings: RuleFinding[] = [];
    const counts = new Map<string, number>();
    for (const { dtype } of (await header()).tensors.values()) {
      const name = NAMES[dtype];
      if (name !== undefined) counts.set(name, (counts.get(name) ?? 0) + 1);
    }
    if (counts.size > 1) {
      const list = [...counts].map(([name, count]) => `${count} in ${name}`).join(', ');
      findings.push({ path: 'model.safetensors', message: `mixes dtypes: ${list}` });
    }
    const { torch_dtype: old, dtype } = await modelConfig();
    if (old !== undefined && dtype !== undefined && old !== dtype) {
      findings.push({
        path: 'config.json',
        message: `torch_dtype is ${JSON.stringify(old)} and dtype ${JSON.stringify(dtype)}`,
        hint: 'write the same into both: transformers 4 reads the first, 5 the second',
      });
    }
    return { findings };
  },
};
