import { z } from 'zod';
import type { JsonObject } from '../formats/json.ts';
import type { StockHead } from './architecture.ts';
import { activation, parseKeys } from './config-keys.ts';
import type { ModernBertConfig } from './modernbert-config.ts';

const headSchema = z.looseObject({
  classifier_pooling: z.enum(['cls', 'mean']).default('cls'),
  classifier_activation: activation.prefault('gelu'),
  classifier_bias: z.boolean().default(false),
});

/** The head of `ModernBertForSequenceClassification`. */
export function readModernBertHead(raw: JsonObject, config: ModernBertConfig): StockHead {
  const keys = parseKeys(headSchema, raw);
  return {
    pooling: keys.classifier_pooling,
    steps: [
      { kind: 'linear', name: 'head.dense', bias: keys.classifier_bias },
      { kind: 'activation', activation: keys.classifier_activation },
      { kind: 'norm', name: 'head.norm', bias: config.normBias, epsilon: config.normEps },
    ],
    output: 'classifier',
  };
}
