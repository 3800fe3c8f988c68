import { readCard, renderCard } from '../card/index.ts';
import { HubwrightError } from '../errors.ts';
import { validateCard } from '../formats/card-yaml.ts';

/** The card to show, and what there is to say about it. */
export interface CardSource {
  readonly text: string;
  readonly notices: readonly Notice[];
}

export interface Notice {
  readonly kind: 'error' | 'warning' | 'note';
  readonly message: string;
  readonly hint?: string | undefined;
}

/**
 * The card as `hubwright card` would write it now, from config, templates and the card that is there; nothing is
 * written. While one of these is broken, as in the midst of an edit, the card that is there, with the reason.
 */
export async function readCardSource(dir: string): Promise<CardSource> {
  const existing = await readCard(dir).catch(() => undefined);
  const { text, notices } = await renderNew(dir, existing);
  return { text, notices: [...notices, ...checkMetadata(text)] };
}

async function renderNew(dir: string, existing: string | undefined): Promise<CardSource> {
  try {
    const { text } = await renderCard(dir, { existing });
    return { text, notices: text === existing ? [] : [describeChange(dir, existing)] };
  } catch (error) {
    if (!(error instanceof HubwrightError)) throw error;
    const { message, hint } = error;
    const notice: Notice = { kind: 'error', message: `The card cannot be made anew: ${message}`, hint };
    return { text: existing ?? '', notices: [notice] };
  }
}

function describeChange(dir: string, existing: string | undefined): Notice {
  return existing === undefined
    ? { kind: 'note', message: 'There is no README.md yet.', hint: `hubwright card ${dir} writes this one` }
    : {
        kind: 'note',
        message: 'README.md is not this card yet.',
        hint: `hubwright card ${dir} writes it; hubwright card ${dir} --check shows the difference`,
      };
}

/** What the Hub would say about the metadata. */
function checkMetadata(text: string): Notice[] {
  const { errors, warnings } = validateCard(text);
  return [
    ...errors.map(
      ({ message }) => ({ kind: 'error', message: `The Hub would refuse this card: ${message}` }) as const,
    ),
    ...warnings.map(
      ({ message }) => ({ kind: 'warning', message: `The Hub would warn: ${message}` }) as const,
    ),
  ];
}
