import type { LockedFile } from '../bundle.ts';
import type { Hub } from './hub-client.ts';
import { checkOffer, toPointer, type UploadOptions } from './large-file.ts';
import { sendOverLfs } from './lfs-upload.ts';
import type { RemoteFile } from './remote-state.ts';
import { sendOverXet } from './xet/upload.ts';
import { findRepeating } from './xet/worthwhile.ts';

/**
 * Sends large files, each content once: those of which the Hub may have a part over Xet, where the Hub offers it and `xet`
 * allows it, and all others over LFS.
 *
 * @param remote the files that the repository has
 * @throws HubwrightError HUB_REFUSED, HUB_UNREACHABLE, NOT_VERIFIED when a file changes meanwhile, ABORTED
 */
export async function uploadLargeFiles(
  hub: Hub,
  dir: string,
  files: readonly LockedFile[],
  remote: readonly RemoteFile[],
  options: UploadOptions & { readonly xet: boolean },
): Promise<void> {
  const objects = [...new Map(files.map((file) => [file.sha256, file])).values()];
  const repeating = options.xet ? findRepeating(objects, remote) : [];
  const rest = objects.filter((file) => !repeating.includes(file));
  await sendOverLfs(hub, dir, [...(await tryXet(hub, dir, repeating, options)), ...rest], options);
}

/** Returns the files that have to go over LFS all the same. */
async function tryXet(
  hub: Hub,
  dir: string,
  objects: readonly LockedFile[],
  options: UploadOptions,
): Promise<LockedFile[]> {
  if (objects.length === 0) return [];
  const offers = await hub.offerUploads(objects.map(toPointer), options.branch, ['xet']);
  const offered = new Map(offers.map((offer) => [offer.oid, offer]));
  const missing = objects.flatMap((file) => {
    const offer = offered.get(file.sha256);
    checkOffer(file, offer);
    return offer?.actions?.upload === undefined ? [] : [{ file, offer }];
  });
  return sendOverXet(hub, dir, missing, options);
}
