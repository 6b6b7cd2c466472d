import type { Feature, MultiPolygon } from 'geojson';
import { expect, it } from 'vitest';
import { corners, shownArea } from './area';
import { named, unrolled, world } from './world';

it('an area goes to the node and comes back as corners', () => {
  expect(corners('44.2,8.7,44.6,9.4')).toEqual([
    [44.2, 8.7],
    [44.6, 9.4],
  ]);
  const shown = (south: number, west: number, north: number, east: number) =>
    shownArea({
      getBounds: () => ({
        getSouth: () => south,
        getWest: () => west,
        getNorth: () => north,
        getEast: () => east,
      }),
      getZoom: () => 7,
    });
  expect(shown(40, 8, 50, 18)).toEqual({ area: '38.50000,6.50000,51.50000,19.50000', zoom: 7 });
  expect(shown(-89, -200, 89, 200).area).toBe('-90.00000,-180.00000,90.00100,180.00100');
});

it('a country is named in the middle of its largest part', () => {
  const square = (west: number, south: number, side: number) => [
    [west, south],
    [west + side, south],
    [west + side, south + side],
    [west, south + side],
    [west, south],
  ];
  const country: Feature<MultiPolygon> = {
    type: 'Feature',
    properties: { name: 'Twoland' },
    geometry: { type: 'MultiPolygon', coordinates: [[square(50, 50, 1)], [square(0, 10, 4)]] },
  };
  const found = named(country);
  expect(found.name).toBe('Twoland');
  expect(found.width).toBe(4);
  expect(found.at[0]).toBeCloseTo(12, 6);
  expect(found.at[1]).toBeCloseTo(2, 6);
});

it('what passes the date line goes on beyond it, and what goes around a pole is closed there', () => {
  const fiji = [
    [179, -17],
    [-179, -17],
    [-179, -18],
    [179, -17],
  ];
  expect(unrolled(fiji)).toEqual([
    [179, -17],
    [181, -17],
    [181, -18],
    [179, -17],
  ]);
  const around = [
    [0, -70],
    [120, -72],
    [-120, -71],
    [0, -70],
  ];
  expect(unrolled(around).slice(-3)).toEqual([
    [360, -90],
    [0, -90],
    [0, -70],
  ]);
});

it('the packaged world is whole', { timeout: 60_000 }, async () => {
  const { land, countries } = await world();
  const steps = land.flatMap(({ geometry }) =>
    geometry.coordinates.flatMap(([outer]) =>
      outer.slice(1).map(([east], index) => Math.abs(east - outer[index][0])),
    ),
  );
  // Only the pole is a line across the map.
  expect(steps.filter((step) => step > 90).length).toBeLessThanOrEqual(4);
  expect(land.length).toBeGreaterThan(200);
  const italy = countries.find(({ name }) => name === 'Italy');
  expect(italy?.at[0]).toBeGreaterThan(40);
  expect(italy?.at[0]).toBeLessThan(46);
});
