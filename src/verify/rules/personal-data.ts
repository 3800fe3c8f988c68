import type { Rule, RuleFinding } from '../rule.ts';
import { listTextFiles, readLines } from '../text-files.ts';

const MAIL = /[A-Za-z0-9._%+-]{1,64}@([A-Za-z0-9-]{1,63}\.){1,4}[A-Za-z]{2,24}/g;
/** Domains that RFC 2606 keeps for examples, and those of programs. */
const EXAMPLE =
  /@([\w-]+\.)*(example\.(com|org|net)|test|invalid|localhost|domain\.com|users\.noreply\.github\.com)$|^(git|noreply|no-reply)@/i;
/** With a country's code, and the separators that people write: bare digits are numbers of something. */
const PHONE = /(?<![\w+])\+\d{1,3}[ .-]?\(?\d{2,4}\)?([ .-]\d{2,4}){2,4}(?![\w-])/g;
const CARD = /(?<![\d.-])(?:\d{4}[ -]){3}\d{4}(?![\d-])/g;
const IBAN = /\b[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){3,7}(?: ?[A-Z0-9]{1,3})?\b/g;
const SSN = /(?<![\d-])(?!000|666|9)\d{3}-(?!00)\d{2}-(?!0000)\d{4}(?![\d-])/g;

const KINDS: readonly (readonly [string, RegExp, (text: string) => boolean])[] = [
  ['an e-mail address', MAIL, (text) => !EXAMPLE.test(text)],
  ['a phone number', PHONE, () => true],
  ['a card number', CARD, isLuhn],
  ['a bank account', IBAN, isIban],
  ['a US social security number', SSN, () => true],
];

export const personalData: Rule = {
  code: 'personal-data',
  title: 'no file holds personal data',
  group: 'privacy',
  severity: 'warning',
  explanation:
    'No split and no other text file holds e-mail addresses, phone numbers with their country code, card numbers and bank accounts whose check digits are right, or US social security numbers. The card is not searched for addresses: an author may want to be written to. What is found is counted and placed, never shown.',
  fix: 'take it out or replace it by a placeholder before training; if it is made up, ignore this rule and say so',
  cheap: true,
  async check({ dir, files }) {
    const findings: RuleFinding[] = [];
    const searched = listTextFiles(files).filter(
      (path) => !/\.svg$|^(README\.md|tokenizer\.json)$|\.py$|(^|\/)LICENSE/i.test(path),
    );
    for (const path of searched) {
      const counts = new Map<string, { count: number; line: number }>();
      await readLines(dir, path, (text, line) => {
        if (!/[@+\d]/.test(text)) return undefined;
        for (const [what, form, isReal] of KINDS) {
          const count = (text.match(form) ?? []).filter(isReal).length;
          if (count === 0) continue;
          const before = counts.get(what);
          counts.set(what, { count: count + (before?.count ?? 0), line: before?.line ?? line });
        }
        return undefined;
      });
      for (const [what, { count, line }] of counts) {
        const times = count === 1 ? '' : `, and ${count - 1} more of the kind`;
        findings.push({ path, line, message: `holds ${what}${times}` });
      }
    }
    return { findings };
  },
};

/** ISO/IEC 7812: the check digit of a card number. */
function isLuhn(text: string): boolean {
  const digits = text.replace(/\D/g, '');
  let sum = 0;
  for (let i = 0; i < digits.length; i += 1) {
    const digit = Number(digits[digits.length - 1 - i]) * (i % 2 === 0 ? 1 : 2);
    sum += digit > 9 ? digit - 9 : digit;
  }
  return sum > 0 && sum % 10 === 0;
}

/** ISO 13616: the number made of all characters, the first four last, is 1 modulo 97. */
function isIban(text: string): boolean {
  const plain = text.replaceAll(' ', '');
  if (plain.length < 15 || plain.length > 34) return false;
  const digits = [...(plain.slice(4) + plain.slice(0, 4))]
    .map((letter) => Number.parseInt(letter, 36))
    .join('');
  let rest = 0;
  for (const digit of digits) rest = (rest * 10 + Number(digit)) % 97;
  return rest === 1;
}
