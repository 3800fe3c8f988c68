import { z } from 'zod';
import type { Graph, Value } from '../graph/graph.ts';
import type { Architecture, EncoderInputs, EncoderSource } from './architecture.ts';
import { addBertEncoder, type BertConfig, bert, bertKeys, toBertConfig } from './bert.ts';
import { addCountedPositions } from './bert-embeddings.ts';
import { invalidConfig, parseKeys } from './config-keys.ts';
import { addFrame } from './post-norm.ts';

interface RobertaConfig extends BertConfig {
  /** The id whose position is not counted, and the position from which counting begins. */
  readonly padding: number;
}

const schema = z.looseObject({
  ...bertKeys,
  vocab_size: bertKeys.vocab_size.removeDefault().default(50265),
  pad_token_id: z.int().min(0).default(1),
});

/**
 * RoBERTa, and the models that are RoBERTa with another vocabulary.
 *
 * @see https://arxiv.org/abs/1907.11692
 */
export const roberta: Architecture<RobertaConfig> = {
  title: 'RoBERTa',
  modelTypes: { roberta: 'Roberta', 'xlm-roberta': 'XLMRoberta', camembert: 'Camembert' },
  basePrefix: 'roberta',
  embedding: bert.embedding,
  poolerDefault: true,
  otherHeads: [
    'lm_head.bias',
    'lm_head.dense.weight',
    'lm_head.dense.bias',
    'lm_head.layer_norm.weight',
    'lm_head.layer_norm.bias',
    'lm_head.decoder.weight',
    'lm_head.decoder.bias',
  ],
  readConfig(raw) {
    const keys = parseKeys(schema, raw);
    const padding = keys.pad_token_id;
    const maxPositions = keys.max_position_embeddings - padding - 1;
    if (maxPositions < 1) {
      throw invalidConfig(
        `max_position_embeddings ${keys.max_position_embeddings} leaves no position behind pad_token_id ${padding}`,
      );
    }
    return { ...toBertConfig(keys), padding, maxPositions };
  },
  listTensors: (config) => bert.listTensors(config),
  listUnused: (config) => bert.listUnused(config),
  addEncoder: addRoberta,
  readHead: () => ({
    pooling: 'cls',
    steps: [
      { kind: 'linear', name: 'classifier.dense', bias: true },
      { kind: 'activation', activation: 'tanh' },
    ],
    output: 'classifier.out_proj',
  }),
};

function addRoberta(graph: Graph, source: EncoderSource<RobertaConfig>, inputs: EncoderInputs): Value {
  const frame = addFrame(graph, inputs, source.config.hiddenSize);
  const positions = addCountedPositions(graph, inputs.inputIds, source.config.padding);
  return addBertEncoder(graph, source, inputs, frame, positions);
}
