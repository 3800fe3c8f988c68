import { isNode } from './pickle-machine.ts';
import type { PickleCall, PickleValue } from './pickle-value.ts';

/** What an allowed import is, and so how a pickler calls it. */
export type ImportRole = 'arguments' | 'object' | 'enum' | 'device' | 'dtype' | 'dict' | 'set';

/**
 * All that a `training_args.bin` may import. Exact names: a prefix such as `transformers.` would also allow
 * the functions that a module imported for itself (`transformers.training_args` holds `os`), and from
 * protocol 4 on a dotted name reaches into them.
 *
 * Not here on purpose: `builtins.getattr`, with which some releases of Python 3.11 pickled enums. Whoever
 * can call it reaches everything.
 */
const ALLOWED_IMPORTS: Readonly<Record<ImportRole, readonly string[]>> = {
  /** The classes whose instances the file holds, here and in the libraries that extend Trainer. */
  arguments: [
    'transformers.training_args.TrainingArguments',
    'transformers.training_args_seq2seq.Seq2SeqTrainingArguments',
    'sentence_transformers.training_args.SentenceTransformerTrainingArguments',
    'sentence_transformers.cross_encoder.training_args.CrossEncoderTrainingArguments',
    'trl.trainer.reward_config.RewardConfig',
  ],
  /** Dataclasses and plain classes without `__setstate__`: their state is set, and no code of theirs runs. */
  object: [
    'accelerate.parallelism_config.ParallelismConfig',
    'accelerate.state.PartialState',
    'accelerate.utils.dataclasses.DeepSpeedPlugin',
    'transformers.deepspeed.HfTrainerDeepSpeedConfig',
    'transformers.integrations.deepspeed.HfDeepSpeedConfig',
    'transformers.integrations.deepspeed.HfTrainerDeepSpeedConfig',
    'transformers.trainer_pt_utils.AcceleratorConfig',
  ],
  /** Called with their own value, which an enum only looks up. */
  enum: [
    'accelerate.utils.dataclasses.DistributedType',
    'sentence_transformers.training_args.BatchSamplers',
    'sentence_transformers.training_args.MultiDatasetBatchSamplers',
    'transformers.debug_utils.DebugOption',
    'transformers.trainer_utils.EvaluationStrategy',
    'transformers.trainer_utils.FSDPOption',
    'transformers.trainer_utils.HubStrategy',
    'transformers.trainer_utils.IntervalStrategy',
    'transformers.trainer_utils.SaveStrategy',
    'transformers.trainer_utils.SchedulerType',
    'transformers.trainer_utils.ShardedDDPOption',
    'transformers.training_args.OptimizerNames',
    'transformers.training_args.ParallelMode',
  ],
  device: ['torch.device'],
  /** Constants, never called. */
  dtype: [
    'torch.bfloat16',
    'torch.bool',
    'torch.float16',
    'torch.float32',
    'torch.float64',
    'torch.float8_e4m3fn',
    'torch.float8_e5m2',
    'torch.int16',
    'torch.int32',
    'torch.int64',
    'torch.int8',
    'torch.uint8',
  ],
  dict: ['collections.OrderedDict'],
  /** `__builtin__` is the name of Python 2, which protocol 2 still writes. */
  set: ['__builtin__.frozenset', '__builtin__.set', 'builtins.frozenset', 'builtins.set'],
};

const ROLES: ReadonlyMap<string, ImportRole> = new Map(
  (Object.keys(ALLOWED_IMPORTS) as ImportRole[]).flatMap((role) =>
    ALLOWED_IMPORTS[role].map((name) => [name, role] as const),
  ),
);

/** @param name as in `PickleReading.imports`. */
export function findRole(name: string): ImportRole | undefined {
  return ROLES.get(name);
}

/** `module.name` of an import; `undefined` for any other value. */
export function nameImport(value: PickleValue): string | undefined {
  return isNode(value) && value.kind === 'global' ? `${value.module}.${value.name}` : undefined;
}

/** The role of what is called, when it is called exactly as a pickler calls it. */
export function findCallRole(call: PickleCall): ImportRole | undefined {
  const name = nameImport(call.callable);
  const role = name === undefined ? undefined : findRole(name);
  return role !== undefined && CALL_FORMS[role](call) ? role : undefined;
}

const isPlainObject = (call: PickleCall): boolean =>
  call.opcode === 'NEWOBJ' &&
  call.args.length === 0 &&
  (call.state === undefined || call.state instanceof Map) &&
  isUntouched(call, ['state']);

const CALL_FORMS: Readonly<Record<ImportRole, (call: PickleCall) => boolean>> = {
  arguments: isPlainObject,
  object: isPlainObject,
  enum: (call) => isReduce(call, ['string']) && isUntouched(call),
  device: (call) => (isReduce(call, ['string']) || isReduce(call, ['string', 'number'])) && isUntouched(call),
  dtype: () => false,
  dict: (call) => isReduce(call, []) && isUntouched(call, ['entries']),
  set: (call) => call.args.length === 1 && Array.isArray(call.args[0]) && isReduce(call) && isUntouched(call),
};

function isReduce(call: PickleCall, types?: readonly string[]): boolean {
  const fits = types === undefined || types.join() === call.args.map((arg) => typeof arg).join();
  return call.opcode === 'REDUCE' && fits;
}

function isUntouched(call: PickleCall, allowed: readonly ('state' | 'items' | 'entries')[] = []): boolean {
  return (['state', 'items', 'entries'] as const).every(
    (part) => call[part] === undefined || allowed.includes(part),
  );
}
