/** The first thing in which a value differs from its schema, on one line: the place in it, and what was expected there. */
export function describeFault(error: {
  readonly issues: readonly { readonly path: readonly PropertyKey[]; readonly message: string }[];
}): string {
  const [issue] = error.issues;
  const at = issue?.path.join('.') ?? '';
  return at === '' ? (issue?.message ?? 'malformed') : `${at}: ${issue?.message}`;
}
