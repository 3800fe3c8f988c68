import { createReadStream } from 'node:fs';
import { TextDecoder } from 'node:util';
import { namesSecret, SECRET_FORMS } from './secret-forms.ts';
import { unreadableFile } from './unreadable-file.ts';

/** A credential that was found. Holds nothing of its value. */
export interface FoundSecret {
  /** What it is, such as `Hugging Face token`; follows "a" or "an". */
  readonly kind: string;
  /** Line, from 1. In a binary file, where lines mean nothing, 0. */
  readonly line: number;
}

/** `name = value` and `"name": "value"`, where the value could be a key: long, and without spaces. */
const ASSIGNMENT =
  /\b([A-Za-z][A-Za-z0-9_-]{0,60})["']{0,2}[ \t]{0,4}(?::|=>?)[ \t]{0,4}["']{0,2}([A-Za-z0-9+/_.~-]{16,200}={0,2})/g;
/** Bits a character: random base64 of 20 characters has about 4, hex 3.5, words under 3.3. */
const MIN_ENTROPY = 3.3;
/** What stands where people show how a credential looks. */
const PLACEHOLDER =
  /x{5}|\*{3}|\.{3}|…|example|placeholder|change.?me|your|redacted|dummy|sample|foobar|1234567|abcdefg|[<>{}$%]/i;
/** The user and password of examples in documentation. */
const EXAMPLE_LOGIN = /:\/\/(user(name)?|name|me|root|admin|login):(pass(word|wd)?|pwd|secret|\w?pw)@/i;

const SEARCHES = SECRET_FORMS.map(({ kind, form }) => ({ kind, search: new RegExp(form, `g${form.flags}`) }));

/**
 * Finds credentials in a text: those of well-known services by their form, and others where a name that says so is given
 * a value that looks random. Placeholders of documentation do not count. In line order, each kind once a line.
 */
export function findSecrets(text: string): FoundSecret[] {
  const hits: { kind: string; index: number }[] = [];
  for (const { kind, search } of SEARCHES) {
    for (const match of text.matchAll(search)) {
      const rest = /^[A-Za-z0-9_+/=-]{0,80}/.exec(text.slice(match.index + match[0].length))?.[0] ?? '';
      if (isLikely(kind, match[0] + rest)) hits.push({ kind, index: match.index });
    }
  }
  for (const match of text.matchAll(ASSIGNMENT)) {
    const [, name = '', value = ''] = match;
    if (namesCredential(name) && looksRandom(value)) hits.push({ kind: UNKNOWN, index: match.index });
  }
  return locate(text, hits);
}

const UNKNOWN = 'key or password';

/** A form that matched, with what follows it: a real credential is random, an example or a CSS class is not. */
function isLikely(kind: string, value: string): boolean {
  if (kind === 'private key') return true;
  if (kind === 'password in a URL') return !EXAMPLE_LOGIN.test(value) && !PLACEHOLDER.test(value);
  if (PLACEHOLDER.test(value)) return false;
  if (kind === 'OpenAI-style key') return /\d/.test(value) && /[A-Za-z0-9]{16}/.test(value);
  return /\d/.test(value) || /[a-z][A-Z]/.test(value);
}

function namesCredential(name: string): boolean {
  const spelled = name.replace(/([a-z0-9])([A-Z])/g, '$1_$2').replaceAll('-', '_');
  return namesSecret(spelled) || /(^|_)(apikey|authkey|secretkey|accesskey|pwd)$/i.test(spelled);
}

function looksRandom(value: string): boolean {
  if (PLACEHOLDER.test(value)) return false;
  if (!/\d/.test(value) || !/[A-Za-z]/.test(value)) return false;
  // Paths and dotted or dashed names: `models/v2.1/some-token`, `os.environ.TOKEN2`.
  if (/[./_-]/.test(value) && value.split(/[./_-]/).every((part) => part.length < 12)) return false;
  return entropyOf(value) >= MIN_ENTROPY;
}

/** Shannon entropy in bits a character. */
function entropyOf(text: string): number {
  const counts = new Map<string, number>();
  for (const character of text) counts.set(character, (counts.get(character) ?? 0) + 1);
  let bits = 0;
  for (const count of counts.values()) bits -= (count / text.length) * Math.log2(count / text.length);
  return bits;
}

/** Gives each hit its line. */
function locate(text: string, hits: readonly { kind: string; index: number }[]): FoundSecret[] {
  const found = new Map<string, FoundSecret>();
  let line = 1;
  let at = 0;
  for (const { kind, index } of [...hits].sort((a, b) => a.index - b.index)) {
    for (let next = text.indexOf('\n', at); next !== -1 && next < index; next = text.indexOf('\n', at)) {
      line += 1;
      at = next + 1;
    }
    found.set(`${line} ${kind}`, { kind, line });
  }
  return withoutNamed([...found.values()]);
}

/** A line where the kind is known needs no other word about it. */
function withoutNamed(found: readonly FoundSecret[]): FoundSecret[] {
  const named = new Set(found.filter(({ kind }) => kind !== UNKNOWN).map(({ line }) => line));
  return found.filter(({ kind, line }) => kind !== UNKNOWN || !named.has(line));
}

/** Git's own way to tell a binary file: a zero byte near its beginning. */
const SNIFFED_BYTES = 8_000;
/** Of a binary file, what is searched: all of a `training_args.bin`, the header of weights. */
const MAX_BINARY_BYTES = 4 * 1024 * 1024;
/** A line may be longer than a piece; what could be cut in two is searched again with the next one. */
const PIECE_BYTES = 1024 * 1024;
const OVERLAP = 1_000;

/**
 * Finds credentials in a file: in all of a text, in the strings of the first 4 MiB of anything else.
 *
 * @throws HubwrightError INPUT_MISSING when it cannot be read
 */
export async function findSecretsInFile(path: string): Promise<FoundSecret[]> {
  const found = new Map<string, FoundSecret>();
  let decoder: TextDecoder | undefined;
  let carried = '';
  let line = 1;
  let binary: Buffer[] | undefined;
  try {
    let bytes = 0;
    for await (const piece of createReadStream(path, {
      highWaterMark: PIECE_BYTES,
    }) as AsyncIterable<Buffer>) {
      const utf16 = decoder === undefined && piece[0] === 0xff && piece[1] === 0xfe;
      if (decoder === undefined && !utf16 && piece.subarray(0, SNIFFED_BYTES).includes(0)) binary = [];
      decoder ??= new TextDecoder(utf16 ? 'utf-16le' : 'utf-8');
      if (binary !== undefined) {
        binary.push(piece);
        bytes += piece.length;
        if (bytes >= MAX_BINARY_BYTES) break;
        continue;
      }
      const text = carried + decoder.decode(piece, { stream: true });
      for (const secret of findSecrets(text)) {
        const at = { ...secret, line: secret.line + line - 1 };
        found.set(`${at.line} ${at.kind}`, at);
      }
      const kept = Math.max(0, text.length - OVERLAP);
      line += countLines(text.slice(0, kept));
      carried = text.slice(kept);
    }
  } catch (cause) {
    throw unreadableFile(path, cause);
  }
  if (binary === undefined) return withoutNamed([...found.values()]);
  const kinds = new Set(findSecrets(stringsOf(Buffer.concat(binary))).map(({ kind }) => kind));
  return [...kinds].map((kind) => ({ kind, line: 0 }));
}

function countLines(text: string): number {
  let count = 0;
  for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n', at + 1)) count += 1;
  return count;
}

/** No form of a credential is as short; the noise of weights is full of such runs. */
const READABLE = /[\t\x20-\x7e]{8,}/g;

/**
 * The readable runs of a binary file, a line each. A pickle writes a string's length before it, and that byte may be a
 * letter that would belong to the string otherwise.
 */
function stringsOf(bytes: Buffer): string {
  const text = bytes.toString('latin1').replace(/\x8c[\s\S]|X[\s\S]{2}\0\0/g, '\n');
  return (text.match(READABLE) ?? []).join('\n');
}
