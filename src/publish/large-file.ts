import type { LockedFile } from '../bundle.ts';
import { HubwrightError } from '../errors.ts';
import type { UploadOffer } from './hub-answers.ts';
import type { PatientOptions } from './patience.ts';

// What the two ways of sending a large file have in common.

export interface UploadOptions extends PatientOptions {
  /** The branch it is for; undefined for a pull request. */
  readonly branch: string | undefined;
  /** Told of bytes that have left, and, as a negative number, of those that have to be sent again. */
  readonly onBytes: (count: number) => void;
}

/** How a batch names an object. */
export const toPointer = ({ sha256, size }: LockedFile) => ({ oid: sha256, size });

export function changedFile({ path }: LockedFile): HubwrightError {
  return new HubwrightError('NOT_VERIFIED', `${path} changed while it was being sent`, {
    hint: 'assemble and verify again, then publish',
  });
}

/** @throws HubwrightError HUB_REFUSED, when the Hub does not take the file */
export function checkOffer(file: LockedFile, offer: UploadOffer | undefined): void {
  if (offer?.oid === file.sha256 && offer.error === undefined) return;
  const words = offer?.error?.message ?? 'it said nothing about this file';
  throw new HubwrightError('HUB_REFUSED', `the Hub does not take ${file.path}: ${words}`, {
    hint: 'the limits of the Hub: https://huggingface.co/docs/hub/storage-limits',
  });
}
