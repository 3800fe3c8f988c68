import yauzl from 'yauzl';
import { HubwrightError } from '../errors.ts';
import { isLfsPointer } from './lfs-pointer.ts';

/** Where the bytes of one record lie, counted from the start of the file. */
export interface TorchRecord {
  readonly offset: number;
  readonly byteLength: number;
}

/** A file that `torch.save` wrote, torch 1.6 or later. */
export interface TorchArchive {
  /** The object itself; tensors are persistent ids in it that name records such as `data/0`. */
  readonly pickle: Uint8Array;
  /** Name of the folder inside the archive: the stem of the file that was saved, or `archive`. */
  readonly stem: string;
  /** Records by their name below the stem, such as `data.pkl`, `version`, `data/0`; in archive order. */
  readonly entries: ReadonlyMap<string, TorchRecord>;
}

/** One record a tensor storage and a few more; the largest published checkpoints hold some 10,000 a file. */
const MAX_RECORDS = 100_000;
const ZIP_MAGIC = [0x50, 0x4b, 0x03, 0x04];
const PICKLE_MAGIC = 0x80;
/** TorchScript keeps program code beside the data, and torch runs it on loading. */
const TORCHSCRIPT_RECORD = 'constants.pkl';
const STORED = 0;

/**
 * Lists the records of a `torch.save` file and cuts out its pickle. No record is copied or decompressed:
 * torch stores them as they are, so each is a range of the file.
 *
 * torch finds records without regard to case, takes the first of two with one name and reads sizes from the
 * central directory. An archive in which another reader could see other records than torch is refused.
 *
 * @throws HubwrightError INPUT_INVALID, also for files from before torch 1.6 (bare pickles).
 */
export async function readTorchArchive(bytes: Uint8Array): Promise<TorchArchive> {
  assertMagic(bytes);
  const records = await listRecords(bytes);
  const stem = findStem(records);
  const entries = new Map([...records].map(([name, record]) => [name.slice(stem.length + 1), record]));
  if (entries.has(TORCHSCRIPT_RECORD))
    throw invalid('this is a TorchScript program; torch.save was expected');
  const record = entries.get('data.pkl');
  if (record === undefined) throw invalid(`the archive has no ${stem}/data.pkl`);
  return { pickle: bytes.subarray(record.offset, record.offset + record.byteLength), stem, entries };
}

/** torch decides by the first bytes alone, so a zip file appended to a pickle would be loaded as the pickle. */
function assertMagic(bytes: Uint8Array): void {
  if (ZIP_MAGIC.every((byte, index) => bytes[index] === byte)) return;
  if (bytes[0] === PICKLE_MAGIC) {
    throw invalid('a bare pickle, as torch wrote before 1.6; a zip archive was expected', {
      hint: 'load it where it is trusted and save it again with torch 1.6 or later',
    });
  }
  if (isLfsPointer(bytes)) {
    throw invalid('only the Git LFS pointer of the file is here', { hint: 'run git lfs pull' });
  }
  throw invalid('not a torch.save file: it does not start as a zip archive does');
}

async function listRecords(bytes: Uint8Array): Promise<Map<string, TorchRecord>> {
  const records = new Map<string, TorchRecord>();
  const seen = new Set<string>();
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  try {
    const zip = await yauzl.fromBufferPromise(buffer, { strictFileNames: true });
    for await (const entry of zip.eachEntry()) {
      const name = entry.fileName;
      const header = await zip.readLocalFileHeaderPromise(entry);
      // yauzl decodes names by flags and extra fields that torch ignores.
      if (!header.fileName.equals(entry.fileNameRaw) || !Buffer.from(name).equals(entry.fileNameRaw)) {
        throw invalid('a record has two different names');
      }
      if (entry.compressionMethod !== STORED || entry.isEncrypted()) {
        throw invalid(
          `${JSON.stringify(name)} is compressed or encrypted; torch.save stores records as they are`,
        );
      }
      if (seen.has(name.toLowerCase())) throw invalid(`two records are named ${JSON.stringify(name)}`);
      if (records.size >= MAX_RECORDS) throw invalid(`more than ${MAX_RECORDS} records`);
      seen.add(name.toLowerCase());
      records.set(name, { offset: header.fileDataStart, byteLength: entry.uncompressedSize });
    }
  } catch (cause) {
    if (cause instanceof HubwrightError) throw cause;
    // yauzl quotes record names as they are, and the message may end up on a terminal.
    const message = cause instanceof Error ? cause.message : String(cause);
    throw invalid(message.replace(/\p{C}/gu, '?'), { cause });
  }
  return records;
}

/** torch takes the folder of the first record for all of them. */
function findStem(records: ReadonlyMap<string, TorchRecord>): string {
  const names = [...records.keys()];
  const stem = names[0]?.split('/')[0];
  if (stem === undefined || stem === '') throw invalid('the archive is empty');
  const stray = names.find((name) => !name.startsWith(`${stem}/`));
  if (stray !== undefined)
    throw invalid(`${JSON.stringify(stray)} lies outside the folder ${JSON.stringify(stem)}`);
  return stem;
}

function invalid(message: string, options: { hint?: string; cause?: unknown } = {}): HubwrightError {
  return new HubwrightError('INPUT_INVALID', `torch archive: ${message}`, {
    hint: 'the file is damaged, or was not written by torch.save: save it again from the training run',
    ...options,
  });
}
