import { existsSync } from 'node:fs';
import { join } from 'node:path';

/** Where Debian's chromium and browsers in general put SwiftShader, a Vulkan device in software. */
const PLACES = [
  '/usr/lib/chromium',
  '/usr/lib/chromium-browser',
  '/opt/google/chrome',
  '/usr/lib64/chromium',
];
/** WebGPU reaches Vulkan through this library, which is a package of its own. */
const LOADERS = ['/usr/lib/x86_64-linux-gnu', '/usr/lib/aarch64-linux-gnu', '/usr/lib64', '/usr/lib'];

/** SwiftShader's driver file, as VK_ICD_FILENAMES names it; undefined where it or the Vulkan loader is missing. */
export function findSwiftShader(): string | undefined {
  const named = process.env.HUBWRIGHT_VK_ICD;
  const driver = named ?? PLACES.map((place) => join(place, 'vk_swiftshader_icd.json')).find(existsSync);
  const loader = LOADERS.some((place) => existsSync(join(place, 'libvulkan.so.1')));
  return loader ? driver : undefined;
}
