/** Questions about where the photos of a chunk stand. The answers are the node's; nothing is laid out here. */
import type { Chunk } from './chunk';

/** The last place in a rising column whose value is at most `value`; −1 when there is none. */
export function lastAtMost(column: ArrayLike<number>, value: number): number {
  let low = 0;
  let high = column.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (column[middle] <= value) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}

/** The lines that touch the window from `top` to `bottom`: first, and one past the last. */
export function linesBetween(chunk: Chunk, top: number, bottom: number): [number, number] {
  const lines = chunk.lineTops.length;
  if (lines === 0) return [0, 0];
  let first = Math.max(0, lastAtMost(chunk.lineTops, top));
  if (chunk.lineTops[first] + chunk.lineHeights[first] < top) first += 1;
  return [Math.min(first, lines), lastAtMost(chunk.lineTops, bottom) + 1];
}

/** Headers that may be seen between `top` and `bottom`, given how tall one is. */
export function headersBetween(
  tops: ArrayLike<number>,
  top: number,
  bottom: number,
  tall: number,
): [number, number] {
  return [lastAtMost(tops, top - tall) + 1, lastAtMost(tops, bottom) + 1];
}

/** The line a photo stands in. */
export function lineOf(chunk: Chunk, at: number): number {
  return lastAtMost(chunk.lineFirst.subarray(0, chunk.lineTops.length), at);
}

/** The middle of a photo, from the left edge. */
export function middleOf(chunk: Chunk, at: number): number {
  return chunk.lefts[at] + chunk.widths[at] / 2;
}

/** The photo of a line whose middle is nearest to `x`. */
export function nearestIn(chunk: Chunk, line: number, x: number): number {
  let nearest = chunk.lineFirst[line];
  let distance = Number.POSITIVE_INFINITY;
  for (let at = nearest; at < chunk.lineFirst[line + 1]; at += 1) {
    const away = Math.abs(middleOf(chunk, at) - x);
    if (away < distance) {
      distance = away;
      nearest = at;
    }
  }
  return nearest;
}

/** The photos under a rectangle drawn over a chunk, in its own px. */
export function within(
  chunk: Chunk,
  box: { left: number; top: number; right: number; bottom: number },
): number[] {
  const found: number[] = [];
  const [first, end] = linesBetween(chunk, box.top, box.bottom);
  if (first >= end) return found;
  for (let at = chunk.lineFirst[first]; at < chunk.lineFirst[end]; at += 1) {
    if (chunk.lefts[at] < box.right && chunk.lefts[at] + chunk.widths[at] > box.left)
      found.push(at);
  }
  return found;
}
