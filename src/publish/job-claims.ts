import { z } from 'zod';
import { showText } from '../formats/shown-text.ts';
import { parseLoosely } from './hub-failure.ts';

/** What a CI's identity token says of the job, as far as trusted publishers are matched by it. */
export interface JobClaims {
  /** For people to read; empty where the token cannot be read. No part of it is a credential. */
  readonly shown: string;
  /** Whom the token is made for. */
  readonly audiences: readonly string[];
}

/** GitHub's names, then GitLab's, then what every provider has. */
const SHOWN = ['repository', 'workflow_ref', 'environment', 'project_path', 'ref', 'sub', 'iss'];
const MAX_SHOWN = 200;

/** Reads the claims in an identity token, whose signature is the Hub's to check. */
export function readJobClaims(identity: string): JobClaims {
  const payload = Buffer.from(identity.split('.')[1] ?? '', 'base64url').toString();
  const claims = z.record(z.string(), z.unknown()).catch({}).parse(parseLoosely(payload));
  const shown = SHOWN.flatMap((name) => {
    const value = claims[name];
    return typeof value === 'string' ? [`${name} = ${showText(value.slice(0, MAX_SHOWN))}`] : [];
  });
  return {
    shown: shown.join(', '),
    audiences: [claims.aud].flat().filter((one) => typeof one === 'string'),
  };
}
