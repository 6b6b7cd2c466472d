/** The sample library's places: where its photos were taken, and a handful of towns to choose from. */
import type { Cluster } from '../bindings/Cluster';
import type { Town } from '../bindings/Town';
import { CallError } from '../host';
import type { Answers } from './host';
import type { SampleAsset, SampleLibrary } from './library';

export const towns: Town[] = [
  ['Rendsburg', 'Schleswig-Holstein, Germany', 54.303, 9.663],
  ['Kiel', 'Schleswig-Holstein, Germany', 54.321, 10.135],
  ['Genoa', 'Liguria, Italy', 44.407, 8.934],
  ['Camogli', 'Liguria, Italy', 44.351, 9.155],
  ['Munich', 'Bavaria, Germany', 48.137, 11.575],
  ['Munich', 'North Dakota, United States', 48.669, -98.833],
  ['Cortina d’Ampezzo', 'Veneto, Italy', 46.54, 12.136],
  ['Bergen', 'Vestland, Norway', 60.393, 5.324],
  ['Reykjavík', 'Capital Region, Iceland', 64.136, -21.927],
  ['Lisbon', 'Lisbon District, Portugal', 38.717, -9.134],
  ['Paris', 'Île-de-France, France', 48.857, 2.351],
  ['Cape Town', 'Western Cape, South Africa', -33.926, 18.423],
  ['Kyoto', 'Kyoto Prefecture, Japan', 35.011, 135.768],
].map(([name, region, latitude, longitude]) => ({
  name: String(name),
  full_name: `${name}, ${region}`,
  latitude: Number(latitude),
  longitude: Number(longitude),
}));

/** Where the photo of this number was taken: mostly at home, and now and then on a journey. */
export function placeOf(number: number, random: () => number): Town {
  const home = random() < 0.55;
  const town = towns[home ? number % 2 : (Math.floor(number / 17) * 5) % towns.length];
  const off = () => (random() - 0.5) * (home ? 0.05 : 0.02);
  return { ...town, latitude: town.latitude + off(), longitude: town.longitude + off() };
}

/** The name of the nearest of the sample's towns. */
export function placeName(latitude: number, longitude: number): string | null {
  const apart = (town: Town) =>
    Math.hypot(town.latitude - latitude, (town.longitude - longitude) * 0.6);
  const [nearest] = [...towns].sort((one, other) => apart(one) - apart(other));
  return apart(nearest) < 0.5 ? nearest.full_name : null;
}

const numbers = (area: string) => area.split(',').map(Number);

export function within({ asset }: SampleAsset, area: string): boolean {
  const [south, west, north, east] = numbers(area);
  const { latitude, longitude } = asset;
  if (latitude === null || longitude === null) return false;
  return latitude >= south && latitude < north && longitude >= west && longitude < east;
}

export function placeAnswers(
  library: SampleLibrary,
): Pick<Answers, 'places.map' | 'places.find' | 'places.tiles'> {
  let tiles: { url: string | null; attribution: string | null } = { url: null, attribution: null };
  return {
    'places.map': ({ area = '-90,-180,90.001,180.001', zoom = 2, partner }) => {
      const side = 360 / 2 ** (zoom + 2);
      const cells = new Map<string, SampleAsset[]>();
      const all =
        partner === undefined
          ? library.on('timeline')
          : (library.beyond.get(partner)?.library.newestFirst() ?? []);
      for (const one of all.filter((one) => within(one, area))) {
        const { latitude, longitude } = one.asset;
        const key = `${Math.floor(((latitude ?? 0) + 90) / side)} ${Math.floor(((longitude ?? 0) + 180) / side)}`;
        cells.set(key, [...(cells.get(key) ?? []), one]);
      }
      const clusters = [...cells].map(([key, held]): Cluster => {
        const [down, across] = key.split(' ').map((place) => Number(place) * side);
        const mean = (of: 'latitude' | 'longitude') =>
          held.reduce((sum, { asset }) => sum + (asset[of] ?? 0), 0) / held.length;
        return {
          latitude: mean('latitude'),
          longitude: mean('longitude'),
          count: held.length,
          cover: held[0].asset.id,
          place: held[0].asset.place,
          area: [down - 90, across - 180, down + side - 90, across + side - 180].join(','),
        };
      });
      clusters.sort((one, other) => other.count - one.count);
      const shown = zoom < 8 ? [] : towns.filter((town) => within({ asset: town } as never, area));
      return { clusters, towns: shown };
    },
    'places.find': ({ text = [], limit = 10 }) => {
      const words = text.join(' ').toLowerCase();
      const found = towns.filter((town) => town.full_name.toLowerCase().startsWith(words));
      return { towns: found.slice(0, limit) };
    },
    'places.tiles': ({ url, attribution }) => {
      if (url && !/^https?:.*\{z\}/.test(url))
        throw new CallError('wrong', 'The address of map tiles has {z}, {x} and {y} in it.');
      if (url !== undefined) tiles = { url: url || null, attribution: attribution ?? null };
      return tiles;
    },
  };
}
