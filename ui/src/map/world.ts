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
  land: Feature<MultiPolygon>[];
  borders: MultiLineString;
  countries: Country[];
};

/**
 * Lines that pass the date line go on beyond 180 degrees, instead of back across the whole map. One that
 * goes around a pole is closed by way of that pole.
 */
export function unrolled(line: Position[]): Position[] {
  let turns = 0;
  const points = line.map(([east, north], index) => {
    const before = index === 0 ? east : line[index - 1][0];
    if (east - before > 180) turns -= 360;
    else if (east - before < -180) turns += 360;
    return [east + turns, north];
  });
  if (turns === 0) return points;
  const pole = line[0][1] < 0 ? -90 : 90;
  return [...points, [points[points.length - 1][0], pole], [points[0][0], pole], points[0]];
}

/** The parts of a country; what goes around a pole is there twice, to reach both edges of the map. */
function laidFlat(geometry: Polygon | MultiPolygon): MultiPolygon {
  const parts = geometry.type === 'Polygon' ? [geometry.coordinates] : geometry.coordinates;
  const coordinates = parts.flatMap((rings) => {
    const flat = rings.map(unrolled);
    if (flat[0].length === rings[0].length) return [flat];
    const way = flat[0][0][0] < 0 ? 360 : -360;
    return [flat, flat.map((ring) => ring.map(([east, north]) => [east + way, north]))];
  });
  return { type: 'MultiPolygon', coordinates };
}

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

export function named({ properties, geometry }: Feature<MultiPolygon>): Country {
  const rings = geometry.coordinates.map(([outer]) => ({ outer, ...measured(outer) }));
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
  const land = (features as Feature<Polygon | MultiPolygon>[]).map(
    (country): Feature<MultiPolygon> => ({ ...country, geometry: laidFlat(country.geometry) }),
  );
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
