/**
 * Colours that stay apart under the three common colour-vision deficiencies: the blue and vermilion of Okabe and Ito
 * (https://jfly.uni-koeln.de/color/), grey for what carries no data, and one blue ramp of falling lightness.
 */
export const PALETTE = {
  /** Opaque, so that dark pages do not swallow the text. */
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
