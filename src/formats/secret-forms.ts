/**
 * Credentials that can be known by their form alone. Every repetition has an upper bound, so that matching
 * stays linear on hostile text. A form that starts with a word needs `\b`: `task-…` is no `sk-…` key.
 */
const SECRET_FORMS: readonly RegExp[] = [
  // Hugging Face: user, organisation
  /hf_[A-Za-z0-9]{20}/,
  /api_org_[A-Za-z0-9]{20}/,
  // GitHub, GitLab
  /gh[pousr]_[A-Za-z0-9]{30}/,
  /github_pat_[A-Za-z0-9_]{20}/,
  /glpat-[A-Za-z0-9_-]{20}/,
  // AWS, Google, Slack
  /\b(AKIA|ASIA)[0-9A-Z]{16}/,
  /AIza[A-Za-z0-9_-]{35}/,
  /\bxox[abeprs]-[A-Za-z0-9-]{10}/,
  // OpenAI and those that copied its form
  /\bsk-[A-Za-z0-9_-]{20}/,
  // npm, PyPI
  /npm_[A-Za-z0-9]{36}/,
  /pypi-AgE[A-Za-z0-9_-]{20}/,
  // JSON web token, PEM private key, password in a URL
  /eyJ[A-Za-z0-9_-]{10,300}\.eyJ[A-Za-z0-9_-]{10}/,
  /-----BEGIN [A-Z ]{0,20}PRIVATE KEY/,
  /:\/\/[^/\s:@]{1,100}:[^/\s@]{1,100}@/,
];

/** Does the text hold something that has the form of a well-known credential? */
export function holdsSecret(text: string): boolean {
  return SECRET_FORMS.some((form) => form.test(text));
}

/** Tokens of a vocabulary, not of a service. */
const VOCABULARY_TOKEN = /^(eos|bos|pad|unk|cls|sep|mask|eot|image|video|audio)_token$/;

/** Is this the name of an argument that is there to hold a credential? */
export function namesSecret(name: string): boolean {
  return (
    /(^|_)(token|secret|password|passwd|passphrase|credentials?|(api|access|private|secret)_key)$/i.test(
      name,
    ) && !VOCABULARY_TOKEN.test(name)
  );
}
