/** Sizes and places of one photo in the viewer. All lengths are CSS px. */

type Size = { width: number; height: number };
type Point = { x: number; y: number };

const steps = [1, 1.5, 2, 3, 4, 6, 8];

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

export function zoomIn(zoom: number): number {
  return steps.find((step) => step > zoom + 0.01) ?? steps[steps.length - 1];
}

export function zoomOut(zoom: number): number {
  return steps.findLast((step) => step < zoom - 0.01) ?? 1;
}
