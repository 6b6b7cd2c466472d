import { describe, expect, it } from 'vitest';
import {
  coordinates,
  exposure,
  fileKind,
  fileName,
  holdings,
  importResult,
  length,
  photos,
  size,
  span,
  takenFrom,
  until,
  wall,
  wallClock,
} from './format';

describe('words for numbers', () => {
  it('counts', () => {
    expect(photos(1)).toBe('1 photo');
    expect(photos(1204)).toBe('1,204 photos');
  });

  it('sizes', () => {
    expect(size(512)).toBe('512 bytes');
    expect(size(3_240_000)).toBe('3.2 MB');
    expect(size(999_999)).toBe('1 MB');
    expect(size(1_400_000_000)).toBe('1.4 GB');
  });

  it('exposures and places', () => {
    expect(exposure(0.004)).toBe('1/250 s');
    expect(exposure(2)).toBe('2 s');
    expect(coordinates(-33.8568, 151.2153)).toBe('33.8568° S, 151.2153° E');
  });

  it('how an import ended, without what did not happen', () => {
    const all = { imported: 214, duplicates: 3, skipped: 0, failed: 2 };
    expect(importResult(all)).toBe('214 imported, 3 already there, 2 could not be read');
    expect(importResult({ ...all, duplicates: 0, failed: 0 })).toBe('214 imported');
  });
});

describe('words for times', () => {
  it('a wall clock is shown as it stood, whatever the zone', () => {
    const ms = wallClock('2026-05-03T23:10:00+09:00');
    expect(new Date(ms).toISOString()).toBe('2026-05-03T23:10:00.000Z');
    expect(wallClock('2026-05-03T23:10:00')).toBe(ms);
    expect(wall(ms, 'month')).toBe('May 2026');
  });

  it('the days of an album', () => {
    expect(span(null, null)).toBe('');
    expect(span('2026-05-03T10:00:00Z', '2026-05-03T12:00:00Z')).toMatch(/2026/);
  });

  it('how long a link lasts', () => {
    const now = Date.UTC(2026, 10, 22);
    expect(until('2026-11-22T12:00:00Z', now)).toBe('within a day');
    expect(until('2026-12-04T00:00:00Z', now)).toBe('12 more days');
  });

  it('the file of a path, of any system', () => {
    expect(fileName('/home/mira/IMG 1.jpg')).toBe('IMG 1.jpg');
    expect(fileName('C:\\Photos\\a.jpg')).toBe('a.jpg');
  });

  it('how long a video is', () => {
    expect([14_200, 61_000, 3_723_000, 200].map(length)).toEqual([
      '0:14',
      '1:01',
      '1:02:03',
      '0:01',
    ]);
  });

  it('what a place holds', () => {
    expect(holdings(12, 0)).toBe('12 photos');
    expect(holdings(13, 1)).toBe('12 photos, 1 video');
    expect(holdings(3, 3)).toBe('3 videos');
  });

  it('kinds of files by the names people use', () => {
    expect(fileKind('image/jpeg')).toBe('JPEG');
    expect(fileKind('image/x-canon-cr3')).toBe('CR3');
    expect(fileKind('video/quicktime')).toBe('MOV');
  });

  it('what a time is known from, unless the camera said it', () => {
    expect(takenFrom('name')).toBe('from the file’s name');
    expect(takenFrom('exif')).toBe('');
    expect(takenFrom(null)).toBe('');
  });
});
