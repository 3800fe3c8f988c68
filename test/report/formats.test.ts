import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import AjvDraft04 from 'ajv-draft-04';
import addFormats from 'ajv-formats';
import fc from 'fast-check';
import { XMLParser, XMLValidator } from 'fast-xml-parser';
import stringWidth from 'string-width';
import { describe, expect, test } from 'vitest';
import type { ReportContext } from '../../src/report/format.ts';
import type { ReportFormatName } from '../../src/report/format-names.ts';
import { REPORT_FORMATS } from '../../src/report/formats.ts';
import { renderSummary } from '../../src/report/github.ts';
import { formatReport } from '../../src/report/pretty.ts';
import { parseReport, type VerificationReport } from '../../src/verification.ts';
import { CLEAN, CONTEXT, DAMAGED, SAMPLE } from './reports.ts';

const render = async (
  format: ReportFormatName,
  report: VerificationReport,
  context: Partial<ReportContext> = {},
) => REPORT_FORMATS[format].render(report, { ...CONTEXT, ...context });

const REPORTS = { damaged: DAMAGED, clean: CLEAN, sample: SAMPLE };
const EXTENSIONS = {
  text: 'txt',
  json: 'txt',
  junit: 'xml',
  sarif: 'sarif',
  markdown: 'md',
  github: 'txt',
} as const;

/** A report whose every text is hostile. */
function spoil(text: string): VerificationReport {
  return {
    ...DAMAGED,
    metrics: DAMAGED.metrics.map((one) => ({ ...one, key: text })),
    checks: DAMAGED.checks.map((one) => ({
      ...one,
      title: text,
      ...(one.reason === undefined ? {} : { reason: text }),
    })),
    findings: DAMAGED.findings.map((one) => ({ ...one, path: text, message: text, hint: text })),
  };
}

/** Text with everything in it that some format acts on. */
const hostileText = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 40 }),
  fc.constantFrom(
    '\u001b]0;title\u0007\u001b[2J',
    '\r\n::error file=x::owned',
    ']]></failure><x>&',
    '| a | b |\n\n# big <script>',
    '\u202egnp.exe',
    '\ud800 lone \uffff',
    '@everyone %0A `x` ``` $(x)',
  ),
);

describe('every format', () => {
  const cases = Object.keys(EXTENSIONS).flatMap((format) =>
    Object.keys(REPORTS).map((name) => [format as ReportFormatName, name as keyof typeof REPORTS] as const),
  );
  test.each(cases)('%s of a %s report', async (format, name) => {
    const text = await render(format, REPORTS[name]);
    await expect(text).toMatchFileSnapshot(
      `snapshots/${name}.${format}.${EXTENSIONS[format as keyof typeof EXTENSIONS]}`,
    );
    expect(await render(format, structuredClone(REPORTS[name]))).toBe(text);
  });

  test('lets no control character of a report out', async () => {
    await fc.assert(
      fc.asyncProperty(
        hostileText,
        fc.constantFrom('text', 'junit', 'sarif', 'markdown', 'github'),
        async (text, format) => {
          const out = await render(format, spoil(text));
          // biome-ignore lint/suspicious/noControlCharactersInRegex: it is what must not be there
          expect(out).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/);
        },
      ),
      { numRuns: 300 },
    );
  });
});

describe('text', () => {
  test.each([60, 80, 120])('keeps to %i columns whatever it is given', (width) => {
    fc.assert(
      fc.property(hostileText, (text) => {
        for (const report of [DAMAGED, SAMPLE, spoil(text.repeat(8))]) {
          for (const line of formatReport(report, (_, plain) => plain, Math.max(width, 80)).split('\n')) {
            expect(stringWidth(line)).toBeLessThanOrEqual(Math.max(width, 80));
          }
        }
      }),
      { numRuns: 60 },
    );
  });

  test('counts the findings of a rule beyond the tenth', () => {
    const one = DAMAGED.findings[1] as (typeof DAMAGED.findings)[number];
    const findings = Array.from({ length: 42 }, (_, i) => ({ ...one, path: `file-${i}` }));
    const text = formatReport({ ...DAMAGED, findings }, (_, plain) => plain);
    expect(text).toContain('file-9: is in the bundle');
    expect(text).not.toContain('file-10');
    expect(text).toContain('and 32 more, all of them in verification.json');
  });
});

describe('json', () => {
  test.each(Object.entries(REPORTS))('of a %s report is read back as it was', async (_, report) => {
    expect(parseReport(await render('json', report))).toEqual(report);
  });
});

describe('junit', () => {
  const parser = new XMLParser({
    ignoreAttributes: false,
    attributeNamePrefix: '',
    isArray: (name) => /^test(suite|case)$/.test(name),
  });
  const parse = (xml: string) => {
    expect(XMLValidator.validate(xml)).toBe(true);
    return parser.parse(xml).testsuites;
  };

  test('counts what a reader of the XML counts', async () => {
    const root = parse(await render('junit', DAMAGED));
    expect(root).toMatchObject({ tests: '7', failures: '2', skipped: '2', errors: '0' });
    const cases = root.testsuite.flatMap((suite: { testcase: object[] }) => suite.testcase);
    expect(cases).toHaveLength(7);
    expect(cases.filter((one: object) => 'failure' in one)).toHaveLength(2);
    expect(cases.filter((one: object) => 'skipped' in one)).toHaveLength(2);
    expect(root.testsuite.map(({ name }: { name: string }) => name)).toEqual([
      'files',
      'data',
      'card',
      'inference',
    ]);
  });

  test('lets warnings fail a strict run only', async () => {
    expect(parse(await render('junit', DAMAGED, { strict: true }))).toMatchObject({ failures: '3' });
  });

  test('is XML whatever it is given', async () => {
    await fc.assert(
      fc.asyncProperty(hostileText, async (text) => {
        const root = parse(await render('junit', spoil(text)));
        expect(root.testsuite).toHaveLength(4);
        expect(Buffer.from(await render('junit', spoil(text))).toString()).toBe(
          await render('junit', spoil(text)),
        );
      }),
      { numRuns: 200 },
    );
  });
});

describe('sarif', () => {
  const require = createRequire(import.meta.url);
  const path = require
    .resolve('@microsoft/jest-sarif')
    .replace(/lib.index\.js$/, 'lib/schemas/sarif-2.1.0-rtm.5.json');
  const ajv = new AjvDraft04.default({ strict: false, allErrors: true, unicodeRegExp: false });
  addFormats.default(ajv);
  const validate = ajv.compile(JSON.parse(readFileSync(path, 'utf8')));

  test.each(Object.entries(REPORTS))('of a %s report is valid by the OASIS schema', async (_, report) => {
    validate(JSON.parse(await render('sarif', report)));
    expect(validate.errors ?? []).toEqual([]);
  });

  test('is valid whatever it is given, and the schema sees what is not', async () => {
    await fc.assert(
      fc.asyncProperty(hostileText, async (text) => {
        validate(JSON.parse(await render('sarif', spoil(text))));
        expect(validate.errors ?? []).toEqual([]);
      }),
      { numRuns: 100 },
    );
    const log = JSON.parse(await render('sarif', DAMAGED));
    log.runs[0].results[0].level = 'fatal';
    expect(validate(log)).toBe(false);
  });

  test('a finding keeps its fingerprint when only its numbers change', async () => {
    const fingerprints = async (edit: (message: string) => string) => {
      const findings = DAMAGED.findings.map((one) => ({ ...one, message: edit(one.message) }));
      const log = JSON.parse(await render('sarif', { ...DAMAGED, findings }));
      return log.runs[0].results.map((one: { partialFingerprints: object }) => one.partialFingerprints);
    };
    const before = await fingerprints((message) => message);
    expect(await fingerprints((message) => message.replace('0.01267413285', '0.0126'))).toEqual(before);
    expect(new Set(before.map((one: object) => JSON.stringify(one))).size).toBe(4);
    expect(await fingerprints((message) => message.replace('mse', 'mae'))).not.toEqual(before);
  });
});

describe('github', () => {
  test('prints ten annotations of a level and counts the rest', async () => {
    const one = DAMAGED.findings[1] as (typeof DAMAGED.findings)[number];
    const findings = Array.from({ length: 13 }, (_, i) => ({ ...one, path: `file-${i}` }));
    const lines = (await render('github', { ...DAMAGED, findings })).trimEnd().split('\n');
    expect(lines.filter((line) => line.startsWith('::error '))).toHaveLength(10);
    expect(lines.at(-1)).toBe('and 3 more of level error, which GitHub would not show');
  });

  test('is one command a line, whatever it is given', async () => {
    await fc.assert(
      fc.asyncProperty(hostileText, async (text) => {
        const lines = (await render('github', spoil(text))).trimEnd().split('\n');
        expect(lines).toHaveLength(4);
        for (const line of lines) {
          // As the runner reads it: properties up to the second ::, parted by commas.
          const [, properties = '', data = ''] = /^::(?:error|warning) (.*?)::(.*)$/.exec(line) ?? [];
          expect(properties.split(',').map((pair) => pair.split('=')[0])).toEqual(
            properties.includes('line=') ? ['file', 'line', 'title'] : ['file', 'title'],
          );
          expect(data).toContain('%0A→');
        }
      }),
      { numRuns: 200 },
    );
  });

  test('cuts a summary that GitHub would refuse, at the end of a line', async () => {
    const checks = Array.from({ length: 9000 }, (_, i) => ({
      ...(CLEAN.checks[0] as (typeof CLEAN.checks)[number]),
      rule: `rule-${i}`,
      title: 'ü'.repeat(60),
    }));
    const text = await renderSummary({ ...CLEAN, checks }, CONTEXT);
    expect(Buffer.byteLength(text)).toBeLessThanOrEqual(900_100);
    expect(text).not.toContain('\ufffd');
    expect(text).toMatch(/ü\n\n…cut here/);
  });
});
