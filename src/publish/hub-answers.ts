import { z } from 'zod';

// What Hubwright reads of the Hub's answers. Everything else in them may come and go.

export const accountAnswer = z.object({
  name: z.string(),
  orgs: z.array(z.object({ name: z.string() })).default([]),
  auth: z.object({ accessToken: z.object({ role: z.string() }).optional() }).optional(),
});

const ref = z.object({ name: z.string(), targetCommit: z.string() });
export const refsAnswer = z.object({ branches: z.array(ref), tags: z.array(ref) });

/** For a file in LFS, `oid` is the pointer's and `lfs` has the content's own. */
export const treeFileAnswer = z.object({
  path: z.string(),
  size: z.number(),
  oid: z.string(),
  lfs: z.object({ oid: z.string(), size: z.number() }).optional(),
});

export const preuploadAnswer = z.object({
  files: z.array(
    z.object({
      path: z.string(),
      uploadMode: z.enum(['lfs', 'regular']),
      shouldIgnore: z.boolean().default(false),
    }),
  ),
});

export const cardAnswer = z.object({
  warnings: z.array(z.object({ message: z.string() })).default([]),
});

export const commitOidAnswer = z.string().regex(/^[0-9a-f]{40,64}$/);

export const revisionAnswer = z.object({ sha: z.string().regex(/^[0-9a-f]{40}$/) });
