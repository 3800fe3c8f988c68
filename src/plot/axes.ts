import { type Frame, LABEL_SIZE, MARGIN } from './layout.ts';
import { PALETTE } from './palette.ts';
import { formatCoordinate, renderText } from './svg-text.ts';
import { truncateText } from './text-width.ts';

/** Grid lines and the frame: what lies under the data. */
export function renderGrid({ left, top, side, x, y, xTicks, yTicks }: Frame): string {
  const lines = [
    ...xTicks.map(
      ({ value }) => `M${formatCoordinate(x(value))},${formatCoordinate(top)}v${formatCoordinate(side)}`,
    ),
    ...yTicks.map(
      ({ value }) => `M${formatCoordinate(left)},${formatCoordinate(y(value))}h${formatCoordinate(side)}`,
    ),
  ];
  return [
    `<path class="grid" d="${lines.join('')}" fill="none" stroke="${PALETTE.grid}"/>`,
    `<rect x="${formatCoordinate(left)}" y="${formatCoordinate(top)}" width="${formatCoordinate(side)}" height="${formatCoordinate(side)}" fill="none" stroke="${PALETTE.frame}"/>`,
  ].join('\n');
}

/** Tick labels and the names of both axes, outside the frame. */
export function renderAxes(frame: Frame, names: { x: string; y: string }, nameTop: number): string {
  const { left, top, side, x, y } = frame;
  const bottom = top + side;
  const tick = { size: LABEL_SIZE, fill: PALETTE.muted } as const;
  const name = { size: 14, anchor: 'middle' } as const;
  const xTicks = frame.xTicks.map(({ value, text }) =>
    renderText(text, x(value), bottom + 19, { ...tick, anchor: 'middle' }),
  );
  const yTicks = frame.yTicks.map(({ value, text }) =>
    renderText(text, left - 8, y(value) + 4.5, { ...tick, anchor: 'end' }),
  );
  const [xName, yName] = [names.x, names.y].map((text) => truncateText(text, side, name.size));
  const yNameX = MARGIN + LABEL_SIZE - 2;
  return [
    `<g class="x-axis">${xTicks.join('')}</g>`,
    `<g class="y-axis">${yTicks.join('')}</g>`,
    renderText(xName ?? '', left + side / 2, nameTop, name),
    renderText(yName ?? '', yNameX, top + side / 2, { ...name, rotate: -90 }),
  ].join('\n');
}
