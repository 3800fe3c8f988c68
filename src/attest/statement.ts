import { z } from 'zod';

/** in-toto's media type for the payload of a DSSE envelope. */
export const PAYLOAD_TYPE = 'application/vnd.in-toto+json';
export const STATEMENT_TYPE = 'https://in-toto.io/Statement/v1';

export const sha256Hex = z.string().regex(/^[0-9a-f]{64}$/, 'is no sha256');

/** What a statement is about: a name, and the sha256 that tells which one of that name. */
export interface Descriptor {
  readonly name: string;
  readonly digest: { readonly sha256: string };
}

/** An in-toto statement v1: a claim of some type about subjects. https://github.com/in-toto/attestation/tree/main/spec/v1 */
export interface Statement<Predicate> {
  readonly _type: typeof STATEMENT_TYPE;
  readonly subject: readonly Descriptor[];
  readonly predicateType: string;
  readonly predicate: Predicate;
}

/** A schema of statements with one type of predicate. Other keys are allowed, as the specification asks of readers. */
export function statementSchema<Predicate extends z.ZodType>(predicateType: string, predicate: Predicate) {
  return z.looseObject({
    _type: z.literal(STATEMENT_TYPE),
    subject: z
      .array(z.looseObject({ name: z.string(), digest: z.looseObject({ sha256: sha256Hex }) }))
      .min(1),
    predicateType: z.literal(predicateType),
    predicate,
  });
}
