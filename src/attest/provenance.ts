import { z } from 'zod';
import { type Lock, type LockedFile, type Origin, PROVENANCE_FILE, REPORT_FILE } from '../bundle.ts';
import { type JsonObject, parseJsonObject } from '../formats/json.ts';
import type { VerificationReport } from '../verification.ts';
import { compareCovered } from './covered-files.ts';
import {
  checkStatement,
  openStatement,
  type SealedStatement,
  type StatementFile,
} from './sealed-statement.ts';
import { STATEMENT_TYPE, type Statement, sha256Hex, statementSchema } from './statement.ts';

/** SLSA provenance v1: https://slsa.dev/spec/v1.1/provenance */
const PREDICATE_TYPE = 'https://slsa.dev/provenance/v1';
/** A package URL that leads to the text on what the parameters mean: docs/signing.md is part of the package. */
const BUILD_TYPE = 'pkg:npm/hubwright#docs/signing.md';
const BUILDER = 'pkg:npm/hubwright';

const ABOUT: StatementFile = {
  file: PROVENANCE_FILE,
  kind: 'provenance',
  hint: 'write it again: hubwright attest <bundle> --key <private key>',
};

const descriptorSchema = z
  .looseObject({
    name: z.string().optional(),
    uri: z.string().optional(),
    digest: z.record(z.string(), z.string()).optional(),
    content: z.string().optional(),
  })
  .refine(
    ({ uri, digest, content }) => uri !== undefined || digest !== undefined || content !== undefined,
    'has neither uri nor digest nor content',
  );

export const provenanceSchema = statementSchema(
  PREDICATE_TYPE,
  z.looseObject({
    buildDefinition: z.looseObject({
      buildType: z.string().min(1),
      externalParameters: z.looseObject({}),
      resolvedDependencies: z.array(descriptorSchema).optional(),
    }),
    runDetails: z.looseObject({
      builder: z.looseObject({ id: z.string().min(1) }),
      byproducts: z.array(descriptorSchema).optional(),
    }),
  }),
);

export type Provenance = z.output<typeof provenanceSchema>;

/** What the statement keeps of the report: not its digest, since verifying again, the provenance too, writes it anew. */
const verdictSchema = z.looseObject({ rootDigest: sha256Hex, ok: z.boolean() });

export interface ProvenanceSource {
  readonly lock: Lock;
  readonly origin: Origin;
  /** `hubwright.json` as the bundle carries it. */
  readonly config: JsonObject;
  /** The Hub id of the base model, if it has one. */
  readonly baseModel: string | undefined;
  /** What came out of verifying these very files, if anybody did. */
  readonly report: VerificationReport | undefined;
}

/** A statement of what the bundle's files were made from, by what, and whether they were verified. It holds no times. */
export function makeProvenance({
  lock,
  origin,
  config,
  baseModel,
  report,
}: ProvenanceSource): Statement<object> {
  return {
    _type: STATEMENT_TYPE,
    subject: lock.files.map(({ path, sha256 }) => ({ name: path, digest: { sha256 } })),
    predicateType: PREDICATE_TYPE,
    predicate: {
      buildDefinition: {
        buildType: BUILD_TYPE,
        externalParameters: { config },
        resolvedDependencies: [
          ...origin.inputs.map(({ path, sha256 }) => ({ name: path, digest: { sha256 } })),
          ...describeSource(origin),
          // Which revision was fine-tuned no file of the run tells.
          ...(baseModel === undefined ? [] : [{ name: 'base model', uri: `pkg:huggingface/${baseModel}` }]),
          { name: 'hubwright', uri: `pkg:npm/hubwright@${origin.tool}` },
        ],
      },
      runDetails: {
        builder: { id: BUILDER, version: { hubwright: origin.tool } },
        ...(report === undefined ? {} : { byproducts: [describeVerdict(report)] }),
      },
    },
  };
}

function describeSource({ source }: Origin): object[] {
  if (source === undefined) return [];
  const { commit, repository } = source;
  const uri = repository === undefined ? {} : { uri: repository };
  return [{ name: 'source', ...uri, digest: { gitCommit: commit } }];
}

function describeVerdict({
  tool,
  rootDigest,
  ok,
  summary,
  environment,
  inference,
  metrics,
}: VerificationReport) {
  const verdict = { tool, rootDigest, ok, summary, environment, inference, metrics };
  return {
    name: REPORT_FILE,
    mediaType: 'application/json',
    content: Buffer.from(JSON.stringify(verdict)).toString('base64'),
    annotations: { verified: ok },
  };
}

/** Provenance in a file, and who signed it. */
export type ReadProvenance =
  | { readonly statement: Provenance; readonly sealed: undefined }
  | { readonly statement: Provenance; readonly sealed: SealedStatement<Provenance> };

/** Parses provenance, signed or not. @throws HubwrightError INPUT_INVALID */
export function readProvenance(text: string): ReadProvenance {
  const value = parseJsonObject(text, PROVENANCE_FILE);
  if ('_type' in value) {
    return { statement: checkStatement(value, provenanceSchema, ABOUT), sealed: undefined };
  }
  const sealed = openStatement(text, provenanceSchema, ABOUT);
  return { statement: sealed.statement, sealed };
}

/**
 * What provenance says otherwise than the files do; none means it is about exactly these.
 *
 * @param rootDigest of these files
 */
export function compareProvenance(
  { subject, predicate }: Provenance,
  files: readonly LockedFile[],
  rootDigest: string,
): string[] {
  const covered = subject.map(({ name, digest }) => ({ name, digest: digest.sha256 }));
  const differences = compareCovered(covered, files);
  if (differences.length > 0) return differences;
  const about = (predicate.runDetails.byproducts ?? []).filter(({ name }) => name === REPORT_FILE);
  return about.flatMap(({ content }) => {
    const verdict = readVerdict(content);
    if (verdict === undefined) return ['tells of a verification that cannot be read'];
    return verdict.rootDigest === rootDigest ? [] : ['tells of a verification of other files'];
  });
}

function readVerdict(content: string | undefined): z.output<typeof verdictSchema> | undefined {
  try {
    return verdictSchema.parse(JSON.parse(Buffer.from(content ?? '', 'base64').toString('utf8')));
  } catch {
    return undefined;
  }
}
