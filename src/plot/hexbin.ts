/** Points that share a hexagon, with the hexagon's centre. */
export interface HexCell {
  readonly x: number;
  readonly y: number;
  readonly count: number;
}

/**
 * Counts points in hexagons with one corner up. Their centres form two rectangular lattices, the second shifted by
 * half a step both ways; a point belongs to the nearer of its two candidate centres.
 *
 * @param radius centre to corner, in the points' units.
 * @returns the non-empty cells, top to bottom and left to right, whatever the order of the points.
 */
export function binHexagons(points: Iterable<readonly [number, number]>, radius: number): HexCell[] {
  const stepX = radius * Math.sqrt(3);
  const stepY = radius * 3;
  const cells = new Map<string, { x: number; y: number; count: number }>();
  for (const [px, py] of points) {
    const [even, odd] = [0, 0.5].map((shift) => {
      const column = Math.round(px / stepX - shift) + shift;
      const row = Math.round(py / stepY - shift) + shift;
      const [x, y] = [column * stepX, row * stepY];
      return { key: `${column},${row}`, x, y, distance: Math.hypot(px - x, py - y) };
    });
    if (even === undefined || odd === undefined) continue;
    const { key, x, y } = even.distance <= odd.distance ? even : odd;
    const cell = cells.get(key) ?? { x, y, count: 0 };
    cell.count += 1;
    cells.set(key, cell);
  }
  return [...cells.values()].sort((a, b) => a.y - b.y || a.x - b.x);
}
