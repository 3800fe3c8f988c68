import { compileWildmatch } from './wildmatch.ts';

const LFS = 'filter=lfs diff=lfs merge=lfs -text';

/** The patterns of the `.gitattributes` that the Hub puts into every new model repository. */
const DEFAULT_PATTERNS = [
  ...'7z arrow bin bz2 ckpt ftz gz h5 joblib lfs.* mlmodel model msgpack npy npz onnx ot parquet pb'.split(
    ' ',
  ),
  ...'pickle pkl pt pth rar safetensors'.split(' '),
].map((extension) => `*.${extension}`);
const LATER_PATTERNS = 'tar.* tar tflite tgz wasm xz zip zst'.split(' ').map((extension) => `*.${extension}`);

/** The `.gitattributes` of a new repository, byte for byte the Hub's. */
export const DEFAULT_GITATTRIBUTES = [
  ...DEFAULT_PATTERNS,
  'saved_model/**/*',
  ...LATER_PATTERNS,
  '*tfevents*',
]
  .map((pattern) => `${pattern} ${LFS}\n`)
  .join('');

/** Whether `.gitattributes` with this content sends a path to LFS; the last line that says anything wins. */
export function compileLfsRules(content: string): (path: string) => boolean {
  const rules = content.split(/\r?\n/).flatMap((line) => {
    const [pattern, ...attributes] = line.split(/[ \t]+/).filter((word) => word !== '');
    const filter = attributes.findLast((attribute) => /^[-!]?filter(=|$)/.test(attribute));
    if (pattern === undefined || pattern.startsWith('#') || filter === undefined) return [];
    const anchored = pattern.replace(/^\//, '');
    const matches = compileWildmatch(anchored);
    // Without a slash a pattern is about the file's name, wherever the file lies.
    const onName = !pattern.includes('/');
    return [{ lfs: filter === 'filter=lfs', onName, matches }];
  });
  return (path) => {
    const name = path.slice(path.lastIndexOf('/') + 1);
    return rules.findLast((rule) => rule.matches(rule.onName ? name : path))?.lfs ?? false;
  };
}

/** Adds a line for every LFS path that no line covers yet, as the Hub does when it commits. */
export function coverLfsPaths(content: string, paths: readonly string[]): string {
  const isLfs = compileLfsRules(content);
  const lines = paths.filter((path) => !isLfs(path)).map((path) => `${quotePattern(path)} ${LFS}\n`);
  if (lines.length === 0) return content;
  return content + (content === '' || content.endsWith('\n') ? '' : '\n') + lines.join('');
}

function quotePattern(path: string): string {
  const quoted = path.replace(/[\\*?[\]]/g, '\\$&').replaceAll(' ', '[[:space:]]');
  return /^[#!"]/.test(quoted) ? `\\${quoted}` : quoted;
}
