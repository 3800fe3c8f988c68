import type { Scale } from './scale.ts';

/** The colours that the style sheet gives the plot, as the theme has them now. */
export interface Colours {
  readonly ink: string;
  readonly muted: string;
  readonly grid: string;
  readonly frame: string;
  readonly point: string;
  readonly faint: string;
  readonly mark: string;
}

export function readColours(): Colours {
  // A custom property is read back as it was written; only a colour that is used is resolved for the theme.
  const probe = document.createElement('span');
  document.body.append(probe);
  const read = (name: string) => {
    probe.style.color = `var(--${name})`;
    return getComputedStyle(probe).color;
  };
  const colours = {
    ink: read('ink'),
    muted: read('muted'),
    grid: read('line'),
    frame: read('line-strong'),
    point: read('point'),
    faint: read('point-faint'),
    mark: read('mark'),
  };
  probe.remove();
  return colours;
}

export interface Geometry {
  readonly width: number;
  readonly height: number;
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
}

/** Where the axes stand on a canvas of a size. */
export function layOut(width: number, height: number): Geometry {
  return { width, height, left: 56, right: width - 12, top: 12, bottom: height - 46 };
}

/** A context whose unit is a CSS pixel, on an empty canvas as sharp as the screen. */
export function prepareCanvas(
  canvas: HTMLCanvasElement,
  { width, height }: Geometry,
): CanvasRenderingContext2D {
  const density = Math.min(3, devicePixelRatio || 1);
  canvas.width = Math.round(width * density);
  canvas.height = Math.round(height * density);
  const context = canvas.getContext('2d');
  if (context === null) throw new Error('this browser draws no canvas');
  context.scale(density, density);
  return context;
}

export function paintAxes(
  context: CanvasRenderingContext2D,
  { left, right, top, bottom }: Geometry,
  x: Scale,
  y: Scale,
  names: { readonly x: string; readonly y: string },
  colours: Colours,
): void {
  context.font = '12px system-ui, sans-serif';
  context.lineWidth = 1;
  context.strokeStyle = colours.grid;
  context.fillStyle = colours.muted;
  context.textAlign = 'center';
  for (const { value, text } of x.ticks) {
    line(context, x.place(value), top, x.place(value), bottom);
    context.fillText(text, x.place(value), bottom + 17);
  }
  context.textAlign = 'right';
  for (const { value, text } of y.ticks) {
    line(context, left, y.place(value), right, y.place(value));
    context.fillText(text, left - 7, y.place(value) + 4);
  }
  context.strokeStyle = colours.frame;
  context.strokeRect(left, top, right - left, bottom - top);
  context.fillStyle = colours.ink;
  context.textAlign = 'center';
  context.fillText(names.x, (left + right) / 2, bottom + 37, right - left);
  context.save();
  context.translate(13, (top + bottom) / 2);
  context.rotate(-Math.PI / 2);
  context.fillText(names.y, 0, 0, bottom - top);
  context.restore();
}

/** The line on which a perfect model's rows lie. */
export function paintIdeal(
  context: CanvasRenderingContext2D,
  from: readonly [number, number],
  to: readonly [number, number],
  { ink }: Colours,
): void {
  context.save();
  context.strokeStyle = ink;
  context.lineWidth = 1.3;
  context.setLineDash([6, 4]);
  line(context, ...from, ...to);
  context.restore();
}

export function paintRing(
  context: CanvasRenderingContext2D,
  [x, y]: readonly [number, number],
  radius: number,
  colour: string,
): void {
  context.strokeStyle = colour;
  context.lineWidth = 2.5;
  context.beginPath();
  context.arc(x, y, radius, 0, 2 * Math.PI);
  context.stroke();
}

function line(context: CanvasRenderingContext2D, x1: number, y1: number, x2: number, y2: number): void {
  context.beginPath();
  context.moveTo(x1, y1);
  context.lineTo(x2, y2);
  context.stroke();
}
