/** More columns than this make more texts than are worth trying. */
const MAX_COLUMNS = 5;
const MAX_TEMPLATES = 600;
const MAX_PARTS = 3;

/**
 * The input templates that training scripts use, for a table's text columns: some of them in any order, each bare or
 * behind its name, joined by a line, a blank, or the tokenizer's separator.
 *
 * @param separators the separator tokens of the tokenizer
 */
export function listTemplates(columns: readonly string[], separators: readonly string[]): string[] {
  const joints = ['\n', ' ', '\n\n', ...separators.flatMap((token) => [token, ` ${token} `])];
  const templates = selections(columns.slice(0, MAX_COLUMNS)).flatMap((names) =>
    STYLES.flatMap((style) => {
      const parts = names.map(style);
      return parts.length === 1 ? parts : joints.map((joint) => parts.join(joint));
    }),
  );
  return [...new Set(templates)].slice(0, MAX_TEMPLATES);
}

const bare = (column: string): string => `{{${column}}}`;

/** How scripts write a column's name before its cell. */
const STYLES: readonly ((column: string) => string)[] = [
  (column) => `${titleOf(column)}: ${bare(column)}`,
  bare,
  (column) => `${column}: ${bare(column)}`,
  (column) => `${column.toUpperCase()}: ${bare(column)}`,
  (column) => `${titleOf(column)}:\n${bare(column)}`,
  (column) => `[${column.toUpperCase()}] ${bare(column)}`,
];

/** `nl` → NL, `generated_query` → Generated Query. */
function titleOf(column: string): string {
  const words = column.split(/[_\s-]+/).filter((word) => word !== '');
  return words
    .map((word) => (word.length <= 3 ? word.toUpperCase() : (word[0] ?? '').toUpperCase() + word.slice(1)))
    .join(' ');
}

/** Every ordered choice of one to three of the columns; choices that keep the table's order, and longer ones, first. */
function selections(columns: readonly string[]): string[][] {
  const grow = (chosen: readonly string[]): string[][] => [
    ...(chosen.length === 0 ? [] : [[...chosen]]),
    ...(chosen.length === MAX_PARTS
      ? []
      : columns.filter((column) => !chosen.includes(column)).flatMap((column) => grow([...chosen, column]))),
  ];
  const isInOrder = (names: readonly string[]) =>
    names.every((name, i) => i === 0 || columns.indexOf(name) > columns.indexOf(names[i - 1] ?? ''));
  return grow([]).toSorted((a, b) => Number(isInOrder(b)) - Number(isInOrder(a)) || b.length - a.length);
}
