import { HubwrightError } from '../errors.ts';
import type { JsonObject } from './json.ts';
import { type PickleReading, readPickle } from './pickle.ts';
import { isNode } from './pickle-machine.ts';
import type { PickleCall, PickleValue } from './pickle-value.ts';
import { holdsSecret } from './secret-forms.ts';
import { readTorchArchive, type TorchArchive } from './torch-archive.ts';
import { findCallRole, findRole, nameImport } from './training-args-imports.ts';
import { type ArgumentNotes, flattenState, type TrainingArgsLeak } from './training-args-values.ts';

export { toTrainingArgsJson } from './training-args-json.ts';
export { type HeadlineArgument, summarizeTrainingArgs } from './training-args-summary.ts';
export type { TrainingArgsLeak } from './training-args-values.ts';

export interface TrainingArgsReading {
  /**
   * The arguments in file order, without secrets. Enums are their value, `torch.device` is `cuda:0`, a dtype
   * is `bfloat16`, nested objects are objects. `NaN` and infinities are the strings `NaN`, `Infinity` and
   * `-Infinity`, because null already says "not set"; integers beyond 2^53 are decimal strings.
   */
  readonly arguments: JsonObject;
  /** Everything that loading the file in Python would import, sorted. */
  readonly imports: readonly string[];
  /** Imports that are not on the allow-list, sorted. */
  readonly unknownImports: readonly string[];
  /** Loading the file in Python could do nothing but build training arguments. Says nothing about `leaks`. */
  readonly clean: boolean;
  /** Why the file is not clean, each to follow "the file "; empty when it is. */
  readonly dangers: readonly string[];
  readonly leaks: readonly TrainingArgsLeak[];
  /** Dotted paths of arguments whose value is not plain data; `training_args.bin` when none could be read. */
  readonly notRead: readonly string[];
}

/** Real files have 4 to 20 kB; a DeepSpeed configuration inside adds a few. */
const MAX_BYTES = 4 * 1024 * 1024;
/** What torch.save writes for an object without tensors. */
const KNOWN_RECORDS =
  /^(data\.pkl|version|byteorder|\.format_version|\.storage_alignment|\.data\/serialization_id)$/;
const FILE = 'training_args.bin';

/**
 * Reads the `training_args.bin` of a transformers Trainer without unpickling it.
 * A file made to harm is a reading with `clean: false`; only a broken one is an error.
 *
 * @throws HubwrightError INPUT_INVALID when the bytes are no torch.save file or its pickle is broken.
 */
export async function readTrainingArgs(bytes: Uint8Array): Promise<TrainingArgsReading> {
  if (bytes.length > MAX_BYTES) {
    throw new HubwrightError(
      'INPUT_INVALID',
      `${FILE} has ${bytes.length} bytes; at most ${MAX_BYTES} were expected`,
      {
        hint: 'check that the file is the one that the Trainer wrote, and not a checkpoint',
      },
    );
  }
  const archive = await readTorchArchive(bytes);
  const pickle = readPickle(archive.pickle);
  const notes: ArgumentNotes = { leaks: [], notRead: [] };
  const flat = isCall(pickle.value) ? flattenState(pickle.value, '', notes) : undefined;
  if (flat === undefined) notes.notRead.push(FILE);
  // Opcodes can hide a text from the value, so the bytes are searched as well.
  const isSecretKnown = notes.leaks.some(({ kind }) => kind === 'secret');
  if (!isSecretKnown && holdsSecret(Buffer.from(bytes).toString('latin1'))) {
    notes.leaks.push({ key: FILE, kind: 'secret' });
  }
  const dangers = [...new Set(listDangers(archive, pickle))];
  return {
    arguments: flat ?? {},
    imports: pickle.imports,
    unknownImports: pickle.imports.filter((name) => findRole(name) === undefined),
    clean: dangers.length === 0,
    dangers,
    ...notes,
  };
}

function* listDangers({ entries, pickle }: TorchArchive, reading: PickleReading): Generator<string> {
  for (const name of reading.imports) {
    if (findRole(name) === undefined) yield `imports ${name}`;
  }
  for (const call of reading.calls) {
    const name = nameImport(call.callable);
    if (name === undefined) yield 'calls what another call returned';
    else if (findRole(name) !== undefined && findCallRole(call) === undefined)
      yield `calls ${name} as no pickler does`;
  }
  if (!isCall(reading.value) || findCallRole(reading.value) !== 'arguments') {
    yield 'holds something else than training arguments';
  }
  for (const name of entries.keys()) {
    if (!KNOWN_RECORDS.test(name)) yield `holds a record ${JSON.stringify(name)}`;
  }
  const surplus = pickle.length - reading.end;
  if (surplus > 0) yield `goes on for ${surplus} bytes after the pickle`;
}

function isCall(value: PickleValue): value is PickleCall {
  return isNode(value) && value.kind === 'call';
}
