const MIB = 1024 * 1024;

/** Every bound that a request meets, in one place. Where the real Hub states a number, it is that number. */
export const LIMITS = {
  /** Bytes of a JSON or form body. */
  jsonBody: 10 * MIB,
  /** Bytes of one regular file in a commit: what is larger has to be an LFS file. */
  regularFile: 10 * MIB,
  /** Bytes of one NDJSON line: a regular file in base64, its path and the JSON around them. */
  commitLine: Math.ceil((10 * MIB * 4) / 3) + 64 * 1024,
  /** Decoded bytes of all regular files in one commit. The real Hub takes 1 GB. */
  commitInline: 100 * MIB,
  /** Bytes of a commit's whole body: the above in base64, and the lines around it. */
  commitBody: 160 * MIB,
  /** Lines in one commit. */
  commitOperations: 25_000,
  /** Bytes of one LFS object: the hard limit in the Hub's storage documentation. */
  lfsObject: 500 * 1000 ** 3,
  /** LFS objects from this size on are sent in parts to clients that can. */
  multipartFrom: 64 * MIB,
  /** Bytes of one part. */
  multipartPart: 16 * MIB,
  /** Bytes of a Xet shard. */
  xetShard: 64 * MIB,
  /** Objects in one LFS batch, and files in one preupload. */
  batchObjects: 1000,
  /** Paths in one paths-info request; more is answered 413. */
  pathsInfo: 1000,
  /** Rows in one page of a tree, plain and with `expand`. */
  treePage: 1000,
  treePageExpanded: 100,
  /** Commits in one page, and when the client names no number. */
  commitsPage: 1000,
  commitsPageDefault: 50,
  /** Discussions in one page. */
  discussionsPage: 50,
  /** Bytes of a path in a repository, and of one of its parts (what common file systems take). */
  path: 1024,
  pathPart: 255,
  /** Characters of a commit's title and description. */
  commitMessage: 64 * 1024,
  /** Bytes of README.md and config.json that are read to describe a model. */
  describedFile: MIB,
} as const;

/** How long a signed storage URL works, in seconds. S3's presigned uploads live for 15 minutes. */
export const SIGNED_URL_SECONDS = 900;
