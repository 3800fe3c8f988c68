import { isJsonObject, type JsonValue } from '../../formats/json.ts';
import type { Rule, RuleFinding } from '../rule.ts';

/**
 * What makes every stack apply the activation exactly once to logits that come before it, read in their sources:
 * transformers' pipeline and vLLM go by problem_type, CrossEncoder by activation_fn, text-embeddings-inference by the
 * number of labels, transformers.js by problem_type (and takes a softmax of one logit, always 1, for any other).
 */
const SETTINGS = {
  sigmoid: { problemType: 'multi_label_classification', module: 'Sigmoid' },
  identity: { problemType: 'regression', module: 'Identity' },
} as const;

export const configActivation: Rule = {
  code: 'config-activation',
  title: 'every stack applies the activation exactly once',
  group: 'config',
  severity: 'error',
  explanation:
    'The graph and the code give logits, before the sigmoid. For a model that was trained with a sigmoid, `problem_type` must be `multi_label_classification`: the only value with which transformers, sentence-transformers, vLLM, text-embeddings-inference and transformers.js each apply it once; with `regression` some give raw logits and transformers.js always 1.0. For one without, it must be `regression`. `sentence_transformers.activation_fn` must agree.',
  fix: 'assemble again, with head.activation in hubwright.json as the model was trained',
  cheap: true,
  needs: ['json-strict'],
  async check({ modelConfig, config }) {
    const { problem_type: type, sentence_transformers: st } = await modelConfig();
    const { activation } = (await config()).head;
    const { problemType, module } = SETTINGS[activation];
    const path = 'config.json';
    const trained = `head.activation in hubwright.json is ${activation}`;
    const findings: RuleFinding[] = [];
    if (type !== problemType) {
      findings.push({
        path,
        message: `problem_type is ${show(type)}; expected "${problemType}": ${trained}`,
      });
    }
    const fn = isJsonObject(st) ? st.activation_fn : undefined;
    if (fn !== undefined ? !String(fn).endsWith(`.${module}`) : activation === 'identity') {
      findings.push({
        path,
        message: `sentence_transformers.activation_fn is ${show(fn)}; expected one ending in .${module}: ${trained}`,
      });
    }
    return { findings };
  },
};

function show(value: JsonValue | undefined): string {
  return value === undefined ? 'not set' : JSON.stringify(value);
}
