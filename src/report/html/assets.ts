import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { HubwrightError } from '../../errors.ts';

/** What the build makes of `client/`; the same place from `src/` and from `dist/`. */
const FOLDER = new URL('../../../dist/client/', import.meta.url);

/** A script or a style sheet that a page carries inside itself. */
export interface Asset {
  readonly text: string;
  /** Its hash as a content security policy names it. */
  readonly source: string;
}

/** @throws HubwrightError `INPUT_MISSING` where the package was not built. */
export function readAsset(name: string): Asset {
  const text = readText(name);
  return { text, source: `'sha256-${createHash('sha256').update(text).digest('base64')}'` };
}

function readText(name: string): string {
  try {
    // An end tag inside would end the element; the bundler writes none into scripts, and style sheets hold none.
    return readFileSync(new URL(name, FOLDER), 'utf8').replaceAll('</script', '<\\/script').trim();
  } catch (cause) {
    throw new HubwrightError('INPUT_MISSING', `a part of the report's page, ${name}, is not installed`, {
      hint: 'install hubwright again; in its own checkout: npm run build',
      cause,
    });
  }
}
