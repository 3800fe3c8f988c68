/** Takes what is wrong, in the Hub's words. */
export type Report = (message: string) => void;

/** Looks at one value; `label` is its path as the Hub spells it, such as `model-index[0].name`. */
export type Check = (value: unknown, label: string, report: Report) => void;

/** Whether a value is an object with keys, as opposed to a list, a date or null. */
export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Date);
}

export const isAnything: Check = () => undefined;

export const isString: Check = (value, label, report) => {
  if (typeof value !== 'string') report(`"${label}" must be a string`);
  else if (value === '') report(`"${label}" is not allowed to be empty`);
};

export const isBoolean: Check = (value, label, report) => {
  if (typeof value !== 'boolean') report(`"${label}" must be a boolean`);
};

export const isNumber: Check = (value, label, report) => {
  if (typeof value !== 'number' || Number.isNaN(value)) report(`"${label}" must be a number`);
};

export const isObject: Check = (value, label, report) => {
  if (!isRecord(value)) report(`"${label}" must be of type object`);
};

/** One of a closed list of words. */
export function isOneOf(words: readonly string[]): Check {
  return (value, label, report) => {
    if (typeof value !== 'string' || !words.includes(value)) {
      report(`"${label}" must be one of [${words.join(', ')}]`);
    }
  };
}

/** A list, each item checked. */
export function isArrayOf(item: Check): Check {
  return (value, label, report) => {
    if (!Array.isArray(value)) return report(`"${label}" must be an array`);
    for (const [index, element] of value.entries()) item(element, `${label}[${index}]`, report);
  };
}

/** One value, or a list of them. */
export function isOneOrMany(item: Check): Check {
  return (value, label, report) => (Array.isArray(value) ? isArrayOf(item) : item)(value, label, report);
}

/** The first check that fits decides: a value that `test` takes goes to `then`, all others to `otherwise`. */
export function isEither(test: (value: unknown) => boolean, then: Check, otherwise: Check): Check {
  return (value, label, report) => (test(value) ? then : otherwise)(value, label, report);
}

/** An object whose known keys are checked; unknown ones are allowed, as on the Hub. */
export function isShape(required: Record<string, Check>, optional: Record<string, Check> = {}): Check {
  return (value, label, report) => {
    if (!isRecord(value)) return report(`"${label || 'value'}" must be of type object`);
    const prefix = label === '' ? '' : `${label}.`;
    for (const [key, check] of Object.entries({ ...required, ...optional })) {
      const item = Object.hasOwn(value, key) ? value[key] : undefined;
      if (item !== undefined) check(item, prefix + key, report);
      else if (Object.hasOwn(required, key)) report(`"${prefix}${key}" is required`);
    }
  };
}
