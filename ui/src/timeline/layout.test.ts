import { describe, expect, it } from 'vitest';
import { pack } from '../sample/chunk';
import { Chunk } from './chunk';
import {
  headersBetween,
  lastAtMost,
  lineOf,
  linesBetween,
  middleOf,
  nearestIn,
  within,
} from './layout';

const shape = {
  width: 1000,
  row_height: 200,
  gap: 4,
  squares: false,
  dated: true,
  day_header: 36,
  month_header: 56,
  day_gap: 24,
  day_minimum: 140,
};
const noon = Date.UTC(2026, 4, 3, 12);

function many(count: number, perDay: number, dated = true): Chunk {
  const ratios = [1.5, 0.667, 1.333, 1, 1.778, 0.75];
  const rows = Array.from({ length: count }, (_, i) => ({
    id: `0190b6a0-0000-7000-8000-${String(i).padStart(12, '0')}`,
    ratio: dated ? ratios[(i * 7) % ratios.length] : 1,
    time: noon - Math.floor(i / perDay) * 86_400_000,
    thumbhash: new Uint8Array(),
    length: null,
    favourite: false,
    live: false,
    unseen: false,
  }));
  return new Chunk(pack(rows, { ...shape, dated }));
}

describe('what is seen', () => {
  const chunk = many(5000, 9);

  it('is a handful of lines out of hundreds', () => {
    const top = chunk.height / 2;
    const [first, end] = linesBetween(chunk, top, top + 800);
    expect(end - first).toBeLessThan(9);
    expect(chunk.lineTops[first] + chunk.lineHeights[first]).toBeGreaterThanOrEqual(top);
    expect(chunk.lineTops[end - 1]).toBeLessThanOrEqual(top + 800);
    expect(chunk.lineTops[end]).toBeGreaterThan(top + 800);
  });

  it('of nothing is nothing', () => {
    expect(linesBetween(many(0, 1), 0, 1000)).toEqual([0, 0]);
  });

  it('includes a header whose foot still shows', () => {
    expect(headersBetween([0, 100, 200], 120, 210, 36)).toEqual([1, 3]);
    expect(headersBetween([0, 100, 200], 140, 190, 36)).toEqual([2, 2]);
  });

  it('finds places in a rising column', () => {
    expect(lastAtMost([1, 2, 2, 5], 2)).toBe(2);
    expect(lastAtMost([1, 2], 0)).toBe(-1);
    expect(lastAtMost([], 3)).toBe(-1);
  });
});

describe('squares of one line', () => {
  const chunk = many(12, 12, false);

  it('are found by their middle', () => {
    expect(lineOf(chunk, chunk.lineFirst[1])).toBe(1);
    const below = nearestIn(chunk, 1, middleOf(chunk, 2));
    expect(middleOf(chunk, below)).toBeCloseTo(middleOf(chunk, 2));
  });

  it('are taken by a rectangle that touches them', () => {
    const [a, b] = [chunk.widths[0], chunk.lineHeights[0]];
    expect(within(chunk, { left: 10, top: 10, right: a + 20, bottom: b - 10 })).toEqual([0, 1]);
    expect(within(chunk, { left: 10, top: 10, right: 20, bottom: b + 20 })).toHaveLength(2);
    expect(within(chunk, { left: 10, top: 9000, right: 20, bottom: 9010 })).toEqual([]);
  });
});
