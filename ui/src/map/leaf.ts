/**
 * The map widget: Leaflet over the packaged world, or over tiles where a server for them is set. It
 * draws on a plain canvas, so that it needs no WebGL.
 */
import type * as Leaflet from 'leaflet';
import { host } from '../host';
import { m } from '../paraglide/messages';
import { tiles } from './tiles';
import { world, type Country } from './world';

export type L = typeof Leaflet;
export type Look = {
  /** Not to be moved or zoomed: it shows one place. */
  still?: boolean;
  view?: { center: [number, number]; zoom: number };
};
export type Leaf = { L: L; map: Leaflet.Map };

/** With no more than coasts and borders there is nothing to see any closer. */
const closest = { drawn: 13, tiles: 18 };
/** Names of countries that have this many pixels for themselves. */
const roomForName = 56;

function colour(box: HTMLElement, name: string): string {
  return getComputedStyle(box).getPropertyValue(`--map-${name}`).trim();
}

/** Draws land and borders, in the colours of the page, also after these have changed. */
async function draw({ L, map }: Leaf, box: HTMLElement): Promise<() => void> {
  const { land, borders, countries } = await world();
  if (!box.isConnected) return () => {};
  const renderer = L.canvas({ padding: 0.4 });
  const ground = () => ({
    stroke: true,
    weight: 0.8,
    color: colour(box, 'coast'),
    fillColor: colour(box, 'land'),
    fillOpacity: 1,
  });
  const edge = () => ({ weight: 0.8, color: colour(box, 'border'), fill: false });
  const shared = { renderer, interactive: false, smoothFactor: 1.2 } as const;
  const drawnLand = L.geoJSON(land, { ...shared, style: ground }).addTo(map);
  const drawnBorders = L.geoJSON(borders, { ...shared, style: edge }).addTo(map);
  const names = L.layerGroup().addTo(map);
  const name = () => nameCountries({ L, map }, names, countries);
  map.on('moveend', name);
  name();
  const dark = matchMedia('(prefers-color-scheme: dark)');
  const paint = () => {
    drawnLand.setStyle(ground());
    drawnBorders.setStyle(edge());
  };
  dark.addEventListener('change', paint);
  return () => dark.removeEventListener('change', paint);
}

function nameCountries({ L, map }: Leaf, names: Leaflet.LayerGroup, countries: Country[]): void {
  names.clearLayers();
  const world = 256 * 2 ** map.getZoom();
  const bounds = map.getBounds();
  const { x: width } = map.getSize();
  for (const country of countries) {
    const pixels = (country.width / 360) * world;
    if (pixels < roomForName + country.name.length * 2) break;
    if (pixels > width * 3 || !bounds.contains(country.at)) continue;
    addName({ L, map }, names, country.name, country.at, 'country');
  }
}

/** A name on the map that nothing can be done with. */
export function addName(
  { L }: Leaf,
  layer: Leaflet.LayerGroup,
  text: string,
  at: [number, number],
  kind: 'country' | 'town',
): void {
  const element = document.createElement('span');
  element.textContent = text;
  const icon = L.divIcon({ html: element, className: `map-name ${kind}`, iconSize: [0, 0] });
  L.marker(at, { icon, interactive: false, keyboard: false, pane: 'names' }).addTo(layer);
}

/** Makes a map in a box. Ends with the function it gives back. */
export async function leaf(box: HTMLElement, look: Look): Promise<Leaf & { end: () => void }> {
  const [{ default: L }, server] = await Promise.all([
    import('leaflet'),
    tiles(),
    import('leaflet/dist/leaflet.css'),
    import('./map.css'),
  ]);
  const calm = matchMedia('(prefers-reduced-motion: reduce)').matches;
  const moving = !look.still;
  const map = L.map(box, {
    zoomControl: false,
    attributionControl: false,
    dragging: moving,
    scrollWheelZoom: moving,
    doubleClickZoom: moving,
    boxZoom: moving,
    touchZoom: moving,
    keyboard: moving,
    zoomAnimation: !calm,
    fadeAnimation: !calm,
    markerZoomAnimation: !calm,
    inertia: !calm,
    minZoom: moving ? Math.max(1, Math.floor(Math.log2(Math.max(box.clientWidth, 1) / 256))) : 0,
    maxZoom: server.url === null ? closest.drawn : closest.tiles,
    maxBounds: [
      [-89, -200],
      [89, 200],
    ],
    maxBoundsViscosity: 1,
    worldCopyJump: false,
  });
  map.createPane('names').style.zIndex = '450';
  const { center, zoom } = look.view ?? { center: [25, 10], zoom: 2 };
  map.setView(center, Math.min(zoom, map.getMaxZoom()), { animate: false });
  if (moving)
    L.control
      .zoom({ position: 'topright', zoomInTitle: m.map_zoom_in(), zoomOutTitle: m.map_zoom_out() })
      .addTo(map);
  let undraw = () => {};
  if (server.url === null) undraw = await draw({ L, map }, box);
  else {
    L.tileLayer(host.tileUrl(server.url), { noWrap: true, maxZoom: closest.tiles }).addTo(map);
    const credits = L.control.attribution({ prefix: false, position: 'bottomright' }).addTo(map);
    if (server.attribution) credits.addAttribution(escaped(server.attribution));
  }
  // A box that changes its size, as when a panel opens, is filled again.
  const sized = new ResizeObserver(() => map.invalidateSize({ animate: false }));
  sized.observe(box);
  return {
    L,
    map,
    end: () => {
      sized.disconnect();
      undraw();
      map.remove();
    },
  };
}

/** What a household wrote as thanks is text, never markup. */
function escaped(text: string): string {
  const span = document.createElement('span');
  span.textContent = text;
  return span.innerHTML;
}
