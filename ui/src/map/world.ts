/**
 * The world as every window brings it: land, borders and the names of countries (Natural Earth, public
 * domain). Nobody is asked for it, so a map tells nobody where one looks.
 */
import type { Feature, MultiLineString, MultiPolygon, Polygon, Position } from 'geojson';
import { feature, mesh } from 'topojson-client';

export type Country = {
  name: string;
  /** Latitude and longitude of the middle of its largest part. */
  at: [number, number];
  /** How many degrees that part is wide. */
  width: number;
};

export type World = {
  land: Feature<Polygon | MultiPolygon>[];
  borders: MultiLineString;
  countries: Country[];
};

/** Twice the area of a ring, in square degrees, and its middle. */
function measured(ring: Position[]): { area: number; middle: [number, number] } {
  let [area, x, y] = [0, 0, 0];
  ring.forEach(([ax, ay], index) => {
    const [bx, by] = ring[(index + 1) % ring.length];
    const cross = ax * by - bx * ay;
    area += cross;
    x += (ax + bx) * cross;
    y += (ay + by) * cross;
  });
  return { area: Math.abs(area), middle: area === 0 ? [0, 0] : [y / (3 * area), x / (3 * area)] };
}

export function named({ properties, geometry }: Feature<Polygon | MultiPolygon>): Country {
  const parts = geometry.type === 'Polygon' ? [geometry.coordinates] : geometry.coordinates;
  const rings = parts.map(([outer]) => ({ outer, ...measured(outer) }));
  const largest = rings.reduce((best, one) => (one.area > best.area ? one : best));
  const easts = largest.outer.map(([east]) => east);
  return {
    name: String(properties?.name ?? ''),
    at: largest.middle,
    width: Math.max(...easts) - Math.min(...easts),
  };
}

async function read(): Promise<World> {
  const { default: atlas } = await import('world-atlas/countries-50m.json');
  const { features } = feature(atlas, atlas.objects.countries);
  const land = features as Feature<Polygon | MultiPolygon>[];
  return {
    land,
    borders: mesh(atlas, atlas.objects.countries, (one, other) => one !== other),
    countries: land.map(named).sort((a, b) => b.width - a.width),
  };
}

let known: Promise<World> | undefined;

export function world(): Promise<World> {
  known ??= read();
  return known;
}
