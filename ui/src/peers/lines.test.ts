import { expect, it } from 'vitest';
import { across, gap, linesOf } from './lines';

const ratios = [1.5, 0.67, 1.33, 1.78, 3, 0.75, 1.5, 1.5, 12, 0.05, 1, 1.33, 0.67];

it('fills every line but the last to the last pixel, in order, without a hole', () => {
  const lines = linesOf(ratios, 640, 180);
  expect(lines.length).toBeGreaterThan(2);
  let next = 0;
  let top = 0;
  for (const [at, line] of lines.entries()) {
    expect(line.first).toBe(next);
    expect(line.top).toBeCloseTo(top);
    const width = line.widths.reduce((sum, one) => sum + one, gap * (line.widths.length - 1));
    if (at < lines.length - 1) expect(width).toBeCloseTo(640);
    else expect(width).toBeLessThanOrEqual(640.001);
    expect(line.height).toBeLessThanOrEqual(180);
    next += line.widths.length;
    top += line.height + gap;
  }
  expect(next).toBe(ratios.length);
});

it('blows up no lonely photo, and draws nothing where there is no room', () => {
  expect(linesOf([1.5], 1200, 180)).toEqual([{ first: 0, top: 0, height: 180, widths: [270] }]);
  expect(linesOf(ratios, 0, 180)).toEqual([]);
  expect(linesOf([], 640, 180)).toEqual([]);
});

it('goes up and down to what stands nearest, and stays at the ends', () => {
  const lines = linesOf(
    Array.from({ length: 9 }, () => 1),
    308,
    100,
  );
  expect(lines.map(({ first }) => first)).toEqual([0, 3, 6]);
  expect(across(lines, 1, 1)).toBe(4);
  expect(across(lines, 4, -1)).toBe(1);
  expect(across(lines, 8, 1)).toBe(8);
  expect(across(lines, 2, -1)).toBe(2);
});
