import { beforeEach, describe, expect, it } from 'vitest';
import { zoom } from './zoom.svelte';

beforeEach(() => zoom.by(0, true));

function farthest(dated: boolean): void {
  while (!zoom.farthest(dated)) zoom.by(-1, dated);
}

describe('how large photos are', () => {
  it('goes over squares to years where photos stand by time', () => {
    farthest(true);
    expect(zoom.years(true)).toBe(true);
    zoom.by(-1, true);
    expect(zoom.years(true)).toBe(true);
    zoom.by(1, true);
    expect(zoom.years(true)).toBe(false);
    expect(zoom.squares).toBe(true);
  });

  it('ends with squares in an album, also when another place is shown by years', () => {
    farthest(true);
    expect(zoom.years(false)).toBe(false);
    expect(zoom.squares).toBe(true);
    expect(zoom.farthest(false)).toBe(true);
    zoom.by(1, false);
    expect(zoom.squares).toBe(false);
  });

  it('has no level nearer than the nearest', () => {
    while (!zoom.nearest) zoom.by(1, false);
    const height = zoom.of(100);
    zoom.by(1, false);
    expect(zoom.of(100)).toBe(height);
    zoom.by(0, false);
    expect(zoom.of(100)).toBe(100);
  });

  it('is remembered', () => {
    farthest(true);
    expect(localStorage.getItem('albumen-zoom')).toBe('4');
  });
});
