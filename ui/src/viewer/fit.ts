/** Sizes and places of one photo in the viewer. All lengths are CSS px. */

type Size = { width: number; height: number };
type Point = { x: number; y: number };

const steps = [1, 1.5, 2, 3, 4, 6, 8];
/** How many pixels of the window one pixel of the original may fill. */
const largestPixel = 8;

/** The largest frame of this aspect in the box; a small original is not blown up past twice. */
export function fitted(box: Size, ratio: number, originalWidth: number): Size {
  let width = Math.min(box.width, box.height * ratio);
  if (originalWidth > 0) width = Math.min(width, originalWidth * 2);
  return { width, height: width / ratio };
}

/** A shift that keeps the zoomed photo over the middle of the box. */
export function held(shift: Point, frame: Size, zoom: number, box: Size): Point {
  const far = (side: 'width' | 'height') => Math.max(0, (frame[side] * zoom - box[side]) / 2);
  const keep = (value: number, limit: number) => Math.min(limit, Math.max(-limit, value));
  return { x: keep(shift.x, far('width')), y: keep(shift.y, far('height')) };
}

/** The shift after which what was under a point is still there. Points count from the box's middle. */
export function about(point: Point, shift: Point, before: number, after: number): Point {
  const move = (at: number, by: number) => at - ((at - by) * after) / before;
  return { x: move(point.x, shift.x), y: move(point.y, shift.y) };
}

/** The most that can be zoomed to, when `actual` shows the original's pixels one to one. */
export function mostZoom(actual: number): number {
  return Math.max(8, actual * largestPixel);
}

export function zoomIn(zoom: number, actual = 1): number {
  const all = [...steps, actual, actual * 2, actual * 4, mostZoom(actual)].sort((a, b) => a - b);
  return all.find((step) => step > zoom * 1.01) ?? mostZoom(actual);
}

export function zoomOut(zoom: number, actual = 1): number {
  const all = [...steps, actual, actual * 2, actual * 4].sort((a, b) => a - b);
  return all.findLast((step) => step >= 1 && step < zoom * 0.99) ?? 1;
}
