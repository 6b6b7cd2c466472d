// Draws the world's outline for the page of a photo whose place is shown: Natural
// Earth's land at 1:110 million (public domain; the package `world-atlas`), in tenths
// of a degree east of the date line and south of the north pole.
import { readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { argv } from 'node:process';

const [ui, target] = argv.slice(2);
const require = createRequire(`${ui}/package.json`);
const { feature } = require('topojson-client');
const world = JSON.parse(readFileSync(require.resolve('world-atlas/land-110m.json'), 'utf8'));
/** Corners nearer than this to the line without them are left out, in tenths of a degree. */
const slack = 2.5;

function simplified(ring) {
  if (ring.length < 3) return ring;
  const [[ax, ay], [bx, by]] = [ring[0], ring.at(-1)];
  const length = Math.hypot(bx - ax, by - ay);
  let [farthest, place] = [0, 0];
  ring.forEach(([x, y], index) => {
    const off = length
      ? Math.abs((bx - ax) * (ay - y) - (ax - x) * (by - ay)) / length
      : Math.hypot(x - ax, y - ay);
    if (off > farthest) [farthest, place] = [off, index];
  });
  if (farthest < slack) return [ring[0], ring.at(-1)];
  return [...simplified(ring.slice(0, place + 1)), ...simplified(ring.slice(place)).slice(1)];
}

/**
 * A coast as it runs on over the date line, where Natural Earth goes on at the other edge; and
 * beside it the same again, so that each edge has its half. What goes once around the world ends
 * at the pole.
 */
function unrolled(ring) {
  let turns = 0;
  const on = ring.map(([x, y], index) => {
    const step = index === 0 ? 0 : x - ring[index - 1][0];
    if (Math.abs(step) > 1800) turns -= Math.sign(step);
    return [x + 3600 * turns, y];
  });
  if (turns !== 0) on.push([on.at(-1)[0], 1800], [on[0][0], 1800], on[0]);
  const across = on.map(([x]) => x);
  const beside = (by) => on.map(([x, y]) => [x + by, y]);
  const all = [on];
  if (Math.min(...across) < 0) all.push(beside(3600));
  if (Math.max(...across) > 3600) all.push(beside(-3600));
  return all;
}

let path = '';
for (const land of feature(world, world.objects.land).features) {
  const shapes =
    land.geometry.type === 'Polygon' ? [land.geometry.coordinates] : land.geometry.coordinates;
  const rings = shapes
    .flat()
    .map((ring) => ring.map(([x, y]) => [Math.round((x + 180) * 10), Math.round((90 - y) * 10)]));
  for (const ring of rings.flatMap(unrolled)) {
    const corners = simplified(ring).slice(0, -1);
    if (corners.length < 3) continue;
    let [x, y] = corners[0];
    path += `M${x} ${y}l`;
    path += corners
      .slice(1)
      .map(([nextX, nextY]) => {
        const step = `${nextX - x} ${nextY - y}`;
        [x, y] = [nextX, nextY];
        return step;
      })
      .join(' ')
      .replaceAll(' -', '-');
    path += 'z';
  }
}
const size = 'width="3600" height="1800" viewBox="0 0 3600 1800"';
writeFileSync(
  target,
  `<svg xmlns="http://www.w3.org/2000/svg" ${size}><path fill="#55585c" d="${path}"/></svg>\n`,
);
