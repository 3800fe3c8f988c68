/** The Hub's answer to a name that it does not take. */
export const REPO_NAME_RULE =
  "Only regular characters and '-', '_', '.' are accepted. '--' and '..' are forbidden. '-' and '.' cannot start or end the name. The name cannot end with \".git\". Max length is 96.";

/** Whether the Hub takes this as a user, organisation or repository name. */
export function isRepoName(name: string): boolean {
  return (
    /^[A-Za-z0-9_](?:[A-Za-z0-9_.-]{0,94}[A-Za-z0-9_])?$/.test(name) &&
    !/--|\.\./.test(name) &&
    !/\.git$/i.test(name)
  );
}
