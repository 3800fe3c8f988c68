import type { SigningKey } from '../../src/attest/keys.ts';
import { digestResources, makeManifest } from '../../src/attest/manifest.ts';
import { sealStatement } from '../../src/attest/sealed-statement.ts';
import type { LockedFile } from '../../src/bundle.ts';

/** A `model.sig` as model_signing makes it without --ignore-paths: over every file that it finds. */
export function signAll(files: readonly LockedFile[], key: SigningKey): string {
  const resources = files.map(({ path, sha256 }) => ({ name: path, algorithm: 'sha256', digest: sha256 }));
  const statement = makeManifest('model', []);
  return sealStatement(
    {
      ...statement,
      subject: [{ name: 'model', digest: { sha256: digestResources(resources) } }],
      predicate: {
        serialization: {
          method: 'files',
          hash_type: 'sha256',
          allow_symlinks: false,
          ignore_paths: ['model.sig'],
        },
        resources,
      },
    },
    key,
  );
}
