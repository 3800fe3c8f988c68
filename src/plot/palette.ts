/**
 * Colours that stay apart under the three common colour-vision deficiencies: the blue and vermilion of Okabe and Ito
 * (https://jfly.uni-koeln.de/color/), grey for what carries no data, and one blue ramp of falling lightness.
 */
export const PALETTE = {
  /** Opaque, so that a page of the other theme does not swallow the text. */
  background: '#ffffff',
  ink: '#1b1f24',
  muted: '#57606a',
  grid: '#e4e7eb',
  frame: '#8c959f',
  point: '#0072b2',
  contour: '#004b75',
  histogram: '#8fc1e0',
  fit: '#d55e00',
  /** Cells from few rows to many. */
  ramp: ['#d3e6f3', '#9fcae4', '#5ea6d0', '#2280b8', '#0a5a8f', '#053358'],
} as const;

/** The same roles on a dark page: what was dark on light is light on dark, so the ramp runs the other way. */
const DARK: Record<keyof typeof PALETTE, string | readonly string[]> = {
  background: '#0d1117',
  ink: '#f0f3f6',
  muted: '#a5aeb8',
  grid: '#252b33',
  frame: '#6e7681',
  point: '#79c6f5',
  contour: '#b5def5',
  histogram: '#2a5f83',
  fit: '#ff9d4d',
  ramp: ['#12324a', '#17507a', '#1f76ad', '#46a0d8', '#8ecbf0', '#e0f3ff'],
};

const SWAPS: ReadonlyMap<string, string> = new Map(
  (Object.keys(PALETTE) as (keyof typeof PALETTE)[]).flatMap((role) => {
    const [light, dark] = [PALETTE[role], DARK[role]].map((value) => [value].flat());
    return (light ?? []).map((colour, i): [string, string] => [colour, dark?.[i] ?? colour]);
  }),
);

/** Pale circles on dark, by their opacity on light. */
const THICKER: Readonly<Record<string, string>> = { '0.35': '0.5', '0.5': '0.65' };

/**
 * A picture of this module for dark pages. Only whole attribute values are replaced, and text holds no bare quote, so a
 * title that spells a colour stays what it is. Thin paint fades sooner on dark than on light, so it is laid on thicker.
 */
export function darkenSvg(svg: string): string {
  return svg
    .replace(/"(#[0-9a-f]{6})"/g, (_, colour: string) => `"${SWAPS.get(colour) ?? colour}"`)
    .replace(/ fill-opacity="(0\.\d+)"/g, (_, share: string) => ` fill-opacity="${THICKER[share] ?? share}"`);
}
