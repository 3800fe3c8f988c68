import { existsSync } from 'node:fs';
import { join } from 'node:path';

/** Where Debian's chromium and browsers in general put SwiftShader, a Vulkan device in software. */
const PLACES = [
  '/usr/lib/chromium',
  '/usr/lib/chromium-browser',
  '/opt/google/chrome',
  '/usr/lib64/chromium',
];
/** WebGPU reaches Vulkan through this library, which is a package of its own, or chromium's copy of it. */
const LOADERS = ['/usr/lib/x86_64-linux-gnu', '/usr/lib/aarch64-linux-gnu', '/usr/lib64', '/usr/lib'];

/**
 * The variables by which a process finds SwiftShader: its driver file, and a loader that only chromium has. Undefined
 * where one of them is missing.
 */
export function findSwiftShader(): Record<string, string> | undefined {
  const named = process.env.HUBWRIGHT_VK_ICD;
  const driver = named ?? PLACES.map((place) => join(place, 'vk_swiftshader_icd.json')).find(existsSync);
  const hasLoader = (place: string) => existsSync(join(place, 'libvulkan.so.1'));
  if (driver === undefined) return undefined;
  if (LOADERS.some(hasLoader)) return { VK_ICD_FILENAMES: driver };
  const own = PLACES.find(hasLoader);
  return own === undefined ? undefined : { VK_ICD_FILENAMES: driver, LD_LIBRARY_PATH: own };
}
