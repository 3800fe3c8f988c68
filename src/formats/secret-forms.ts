/** A credential of a well-known service, as it can be known by its form alone. */
export interface SecretForm {
  /** What it is, for people to read: follows "a" or "an". */
  readonly kind: string;
  readonly form: RegExp;
}

/**
 * Every repetition has an upper bound, so that matching stays linear on hostile text. A form that starts with a word
 * needs `\b`: `task-…` is no `sk-…` key.
 */
export const SECRET_FORMS: readonly SecretForm[] = [
  { kind: 'Hugging Face token', form: /(hf_(jwt_)?|api_org_)[A-Za-z0-9]{20}/ },
  { kind: 'GitHub token', form: /gh[pousr]_[A-Za-z0-9]{30}|github_pat_[A-Za-z0-9_]{20}/ },
  { kind: 'GitLab token', form: /glpat-[A-Za-z0-9_-]{20}/ },
  { kind: 'AWS access key', form: /\b(AKIA|ASIA)[0-9A-Z]{16}/ },
  { kind: 'Azure storage key', form: /AccountKey=[A-Za-z0-9+/]{64}/ },
  { kind: 'Google API key', form: /AIza[A-Za-z0-9_-]{35}/ },
  { kind: 'Google OAuth secret', form: /\bGOCSPX-[A-Za-z0-9_-]{20}|\bya29\.[A-Za-z0-9_-]{30}/ },
  { kind: 'Slack token', form: /\bxox[abeprs]-[A-Za-z0-9-]{10}|\bxapp-\d-[A-Z0-9]{8}/ },
  {
    kind: 'Slack webhook',
    form: /hooks\.slack\.com\/(services|workflows)\/T[A-Za-z0-9]{6,16}\/[A-Za-z0-9]{6,16}\/[A-Za-z0-9]{16}/,
  },
  { kind: 'Anthropic key', form: /\bsk-ant-[A-Za-z0-9_-]{20}/ },
  // OpenAI and those that copied its form.
  { kind: 'OpenAI-style key', form: /\bsk-(?!ant-)[A-Za-z0-9_-]{20}/ },
  { kind: 'Weights & Biases key', form: /\bwandb_v\d_[A-Za-z0-9_]{20}|\bwandb.{0,40}?\b[0-9a-f]{40}\b/i },
  { kind: 'Groq key', form: /\bgsk_[A-Za-z0-9]{40}/ },
  { kind: 'Replicate token', form: /\br8_[A-Za-z0-9]{37}/ },
  { kind: 'Databricks token', form: /\bdapi[0-9a-f]{32}/ },
  { kind: 'Stripe key', form: /\b[rs]k_live_[A-Za-z0-9]{16}/ },
  { kind: 'SendGrid key', form: /\bSG\.[A-Za-z0-9_-]{22}\.[A-Za-z0-9_-]{43}/ },
  { kind: 'DigitalOcean token', form: /\bdo[opr]_v1_[0-9a-f]{64}/ },
  { kind: 'Docker token', form: /\bdckr_[po]at_[A-Za-z0-9_-]{20}/ },
  { kind: 'Telegram bot token', form: /\b\d{8,10}:AA[A-Za-z0-9_-]{33}/ },
  { kind: 'npm token', form: /npm_[A-Za-z0-9]{36}/ },
  { kind: 'PyPI token', form: /pypi-AgE[A-Za-z0-9_-]{20}/ },
  { kind: 'JSON web token', form: /eyJ[A-Za-z0-9_-]{10,300}\.eyJ[A-Za-z0-9_-]{10}/ },
  {
    kind: 'private key',
    form: /-----BEGIN [A-Z ]{0,20}PRIVATE KEY|\bPuTTY-User-Key-File-\d|\bAGE-SECRET-KEY-1[A-Z0-9]{20}/,
  },
  { kind: 'password in a URL', form: /:\/\/[^/\s:@]{1,100}:[^/\s@]{1,100}@/ },
];

/** Does the text hold something that has the form of a well-known credential? */
export function holdsSecret(text: string): boolean {
  return SECRET_FORMS.some(({ form }) => form.test(text));
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
