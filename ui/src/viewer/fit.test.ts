import { expect, it } from 'vitest';
import { fitted, held, zoomIn, zoomOut } from './fit';

it('a photo fills the window without being cut', () => {
  expect(fitted({ width: 1000, height: 600 }, 1.5, 4000)).toEqual({ width: 900, height: 600 });
  expect(fitted({ width: 500, height: 600 }, 2, 4000)).toEqual({ width: 500, height: 250 });
});

it('a tiny picture stays small', () => {
  expect(fitted({ width: 1000, height: 600 }, 1, 60).width).toBe(120);
});

it('zooming goes by steps and stops at both ends', () => {
  expect(zoomIn(1)).toBe(1.5);
  expect(zoomIn(2.7)).toBe(3);
  expect(zoomIn(8)).toBe(8);
  expect(zoomOut(2.7)).toBe(2);
  expect(zoomOut(1)).toBe(1);
});

it('a photo cannot be pushed out of sight', () => {
  const box = { width: 100, height: 100 };
  expect(held({ x: 900, y: -900 }, { width: 100, height: 50 }, 2, box)).toEqual({ x: 50, y: -0 });
});
