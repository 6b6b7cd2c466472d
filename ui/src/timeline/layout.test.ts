import { describe, expect, it } from 'vitest';
import {
  headersBetween,
  lastAtMost,
  layOut,
  neighbour,
  rowsBetween,
  rowOf,
  within,
} from './layout';
import type { LayoutOptions } from './layout';

const options: LayoutOptions = {
  width: 1000,
  rowHeight: 200,
  gap: 4,
  dated: true,
  dayHeader: 36,
  monthHeader: 56,
  dayGap: 24,
  dayMinimum: 140,
};
const day = 86_400_000;
const may3 = Date.UTC(2026, 4, 3, 12);

function many(n: number, perDay: number): { ratios: Float32Array; times: Float64Array } {
  const shapes = [1.5, 0.667, 1.333, 1, 1.778, 0.75];
  const ratios = Float32Array.from({ length: n }, (_, i) => shapes[(i * 7) % shapes.length]);
  const times = Float64Array.from({ length: n }, (_, i) => may3 - Math.floor(i / perDay) * day);
  return { ratios, times };
}

describe('justified rows', () => {
  it('fill the width exactly, at true aspect, near the wished height', () => {
    const { ratios, times } = many(200, 200);
    const layout = layOut(ratios, times, { ...options, dated: false });
    for (let row = 0; row < layout.rowTops.length - 1; row += 1) {
      const last = layout.rowFirst[row + 1] - 1;
      expect(layout.lefts[last] + layout.widths[last]).toBeCloseTo(1000, 1);
      expect(layout.rowHeights[row]).toBeGreaterThan(140);
      expect(layout.rowHeights[row]).toBeLessThan(300);
      for (let i = layout.rowFirst[row]; i <= last; i += 1) {
        expect(layout.widths[i] / layout.rowHeights[row]).toBeCloseTo(ratios[i], 2);
      }
    }
  });

  it('never stretch a last row that is not full', () => {
    const layout = layOut([1.5, 1.5], [may3, may3], { ...options, dated: false });
    expect(layout.rowHeights[0]).toBe(200);
    expect(layout.widths[0]).toBe(300);
  });

  it('follow each other without gaps or overlaps', () => {
    const { ratios, times } = many(300, 40);
    const layout = layOut(ratios, times, options);
    for (let row = 1; row < layout.rowTops.length; row += 1) {
      const end = layout.rowTops[row - 1] + layout.rowHeights[row - 1];
      expect(layout.rowTops[row]).toBeGreaterThanOrEqual(end + options.gap - 0.01);
    }
    expect(layout.rowFirst.at(-1)).toBe(300);
    expect(layout.height).toBeGreaterThan(layout.rowTops.at(-1) ?? 0);
  });

  it('keep a panorama and a strip within reason', () => {
    const layout = layOut([12, 0.1, 0], [may3, may3, may3], { ...options, dated: false });
    expect(layout.widths[0]).toBeLessThanOrEqual(1000);
    expect(layout.widths[1]).toBeGreaterThan(40);
    expect(layout.widths[2]).toBeGreaterThan(0);
  });
});

describe('days and months', () => {
  it('short days share a line, each with its own header', () => {
    const layout = layOut([1.5, 1.5, 1], [may3, may3 - day, may3 - 2 * day], options);
    expect(layout.rowTops.length).toBe(1);
    expect([...layout.dayFirst]).toEqual([0, 1, 2, 3]);
    expect(layout.dayTops[0]).toBe(56);
    expect(layout.dayTops[1]).toBe(56);
    expect(layout.dayLefts[1]).toBeGreaterThan(layout.dayLefts[0] + layout.dayWidths[0]);
    expect(layout.rowTops[0]).toBe(56 + 36);
  });

  it('a line of days never runs over the edge', () => {
    const { ratios, times } = many(400, 2);
    const layout = layOut(ratios, times, options);
    for (let i = 0; i < 400; i += 1) {
      expect(layout.lefts[i] + layout.widths[i]).toBeLessThanOrEqual(1000.5);
    }
    layout.dayLefts.forEach((left, i) => {
      expect(left + layout.dayWidths[i]).toBeLessThanOrEqual(1000.5);
    });
  });

  it('a new month starts on a line of its own, below its name', () => {
    const times = [Date.UTC(2026, 5, 1), Date.UTC(2026, 4, 31)];
    const layout = layOut([1, 1], times, options);
    expect([...layout.monthFirst]).toEqual([0, 1]);
    expect(layout.monthTops[1]).toBeGreaterThan(layout.rowTops[0]);
    expect(layout.rowTops.length).toBe(2);
  });

  it('an empty library has no height', () => {
    const layout = layOut([], [], options);
    expect(layout.height).toBe(0);
    expect(rowsBetween(layout, 0, 1000)).toEqual([0, 0]);
  });
});

describe('what is seen', () => {
  const { ratios, times } = many(20_000, 9);
  const layout = layOut(ratios, times, options);

  it('is a handful of rows out of thousands', () => {
    const top = layout.height / 2;
    const [first, end] = rowsBetween(layout, top, top + 800);
    expect(end - first).toBeLessThan(9);
    expect(layout.rowTops[first] + layout.rowHeights[first]).toBeGreaterThanOrEqual(top);
    expect(layout.rowTops[end - 1]).toBeLessThanOrEqual(top + 800);
    expect(layout.rowTops[end]).toBeGreaterThan(top + 800);
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

describe('moving by keys', () => {
  const layout = layOut(new Array(12).fill(1), new Array(12).fill(may3), {
    ...options,
    dated: false,
  });

  it('left and right follow the order and stop at the ends', () => {
    expect(neighbour(layout, 0, 'left')).toBe(0);
    expect(neighbour(layout, 4, 'right')).toBe(5);
    expect(neighbour(layout, 11, 'right')).toBe(11);
    expect(neighbour(layout, 5, 'first')).toBe(0);
    expect(neighbour(layout, 5, 'last')).toBe(11);
  });

  it('up and down keep the column', () => {
    const below = neighbour(layout, 2, 'down');
    expect(rowOf(layout, below)).toBe(1);
    expect(layout.lefts[below]).toBeCloseTo(layout.lefts[2]);
    expect(neighbour(layout, below, 'up')).toBe(2);
    expect(neighbour(layout, 2, 'up')).toBe(2);
  });

  it('a rectangle takes what it touches', () => {
    const [a, b] = [layout.widths[0], layout.rowHeights[0]];
    expect(within(layout, { left: 10, top: 10, right: a + 20, bottom: b - 10 })).toEqual([0, 1]);
    expect(within(layout, { left: 10, top: 10, right: 20, bottom: b + 20 })).toHaveLength(2);
  });
});
