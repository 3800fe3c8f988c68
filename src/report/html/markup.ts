import { escapeMarkup } from '../../formats/markup.ts';

/** HTML that is known to be safe: made by the `html` tag, never from a string. */
export class Markup {
  readonly text: string;
  private constructor(text: string) {
    this.text = text;
  }

  /** The only way in: literals of the source as they are, everything else escaped unless it is markup itself. */
  static compose(literals: readonly string[], values: readonly MarkupValue[]): Markup {
    const parts = literals.map((literal, i) => `${literal}${i < values.length ? render(values[i]) : ''}`);
    return new Markup(parts.join(''));
  }

  /** The content of a `script` or `style` element that this package ships, or that was made safe for its place. */
  static trusted(text: string): Markup {
    return new Markup(text);
  }
}

/** What may stand in a template: text is escaped, nothing is written for what is absent. */
export type MarkupValue = Markup | string | number | false | undefined | null | readonly MarkupValue[];

/** Composes HTML. Interpolated text is escaped for elements and for quoted attributes. */
export function html(literals: TemplateStringsArray, ...values: readonly MarkupValue[]): Markup {
  return Markup.compose(literals, values);
}

function render(value: MarkupValue): string {
  if (value === false || value === undefined || value === null) return '';
  if (value instanceof Markup) return value.text;
  if (typeof value === 'object') return value.map(render).join('');
  return escapeMarkup(String(value));
}
