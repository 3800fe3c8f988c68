/**
 * The parts of the card that Hubwright writes, in their order: a section between markers and a template of that name
 * each. One with nothing to say is left out.
 */
export const SECTIONS = [
  'summary',
  'score',
  'quickstart',
  'input',
  'results',
  'calibration',
  'slices',
  'use',
  'architecture',
  'data',
  'training',
  'verification',
  'compatibility',
  'files',
  'citation',
] as const;

export type SectionName = (typeof SECTIONS)[number];

export function isSectionName(name: string): name is SectionName {
  return (SECTIONS as readonly string[]).includes(name);
}
