import { z } from 'zod';

// What Hubwright reads of the Hub's answers. Everything else in them may come and go.

const commitId = z.string().regex(/^[0-9a-f]{40}$/);

export const accountAnswer = z.object({
  name: z.string(),
  orgs: z.array(z.object({ name: z.string() })).default([]),
  auth: z.object({ accessToken: z.object({ role: z.string() }).optional() }).optional(),
});

export const modelAnswer = z.object({
  /** `owner/name` as it is spelled now: another one than was asked for when the repository was renamed. */
  id: z.string(),
  private: z.boolean().default(false),
  gated: z.union([z.literal('auto'), z.literal('manual'), z.literal(false)]).default(false),
});

const ref = z.object({ name: z.string(), ref: z.string().default(''), targetCommit: commitId });
export const refsAnswer = z.object({
  branches: z.array(ref),
  tags: z.array(ref),
  pullRequests: z.array(ref).default([]),
});

/** For a file in LFS, `oid` is the pointer's and `lfs` has the content's own. */
export const treeAnswer = z.array(
  z.object({
    type: z.string(),
    path: z.string(),
    size: z.number(),
    oid: z.string(),
    lfs: z.object({ oid: z.string(), size: z.number() }).optional(),
  }),
);

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

const action = z.object({ href: z.url(), header: z.record(z.string(), z.string()).optional() });
export const batchAnswer = z.object({
  objects: z.array(
    z.object({
      oid: z.string(),
      error: z.object({ code: z.number(), message: z.string() }).optional(),
      /** None where the Hub has the object already. */
      actions: z.object({ upload: action.optional(), verify: action.optional() }).optional(),
    }),
  ),
});
export type UploadOffer = z.output<typeof batchAnswer>['objects'][number];

/** `exp` is in Unix seconds. */
export const xetGrantAnswer = z.object({ casUrl: z.string(), accessToken: z.string(), exp: z.number() });

export const commitAnswer = z.object({ commitOid: commitId });

export const historyAnswer = z.array(
  z.object({
    id: commitId,
    title: z.string(),
    authors: z.array(z.object({ user: z.string() })).default([]),
  }),
);

export const discussionsAnswer = z.object({
  discussions: z.array(
    z.object({
      num: z.int(),
      title: z.string(),
      status: z.string(),
      isPullRequest: z.boolean().default(false),
      author: z.object({ name: z.string() }).optional(),
    }),
  ),
  count: z.int().default(0),
});

export const openedAnswer = z.object({ num: z.int() });

export const discussionAnswer = z.object({
  num: z.int(),
  title: z.string(),
  status: z.string(),
  events: z.array(
    z.object({
      id: z.string(),
      type: z.string(),
      data: z.object({ latest: z.object({ raw: z.string() }).optional() }).optional(),
    }),
  ),
});

export const revisionAnswer = z.object({ sha: commitId });
