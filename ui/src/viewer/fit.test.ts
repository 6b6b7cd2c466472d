import { expect, it } from 'vitest';
import { about, fitted, held, mostZoom, zoomIn, zoomOut } from './fit';

it('a photo fills the window without being cut', () => {
  expect(fitted({ width: 1000, height: 600 }, 1.5, 4000)).toEqual({ width: 900, height: 600 });
  expect(fitted({ width: 500, height: 600 }, 2, 4000)).toEqual({ width: 500, height: 250 });
});

it('a tiny picture stays small', () => {
  expect(fitted({ width: 1000, height: 600 }, 1, 60).width).toBe(120);
});

it('zooming goes by steps, by way of one to one, and stops at both ends', () => {
  expect(zoomIn(1)).toBe(1.5);
  expect(zoomIn(2.7)).toBe(3);
  expect(zoomIn(4, 4.7)).toBe(4.7);
  expect(zoomOut(6, 4.7)).toBe(4.7);
  expect(zoomIn(mostZoom(4.7), 4.7)).toBe(mostZoom(4.7));
  expect(mostZoom(4.7)).toBeGreaterThan(4.7 * 4);
  expect(zoomOut(2.7)).toBe(2);
  expect(zoomOut(1)).toBe(1);
});

it('a photo cannot be pushed out of sight', () => {
  const box = { width: 100, height: 100 };
  expect(held({ x: 900, y: -900 }, { width: 100, height: 50 }, 2, box)).toEqual({ x: 50, y: -0 });
});

it('what is under the pointer stays there while zooming', () => {
  const point = { x: 120, y: -40 };
  const [before, after] = [1.5, 4];
  const shift = { x: 10, y: 5 };
  const moved = about(point, shift, before, after);
  // The same spot of the photo, in parts of its unzoomed size.
  const spot = (by: typeof shift, zoom: number) => [
    (point.x - by.x) / zoom,
    (point.y - by.y) / zoom,
  ];
  spot(moved, after).forEach((side, index) =>
    expect(side).toBeCloseTo(spot(shift, before)[index], 9),
  );
});
