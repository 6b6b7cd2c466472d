/** Where a map gets its pictures from, when the household has set a server for them. */
import type { MapTilesNow } from '../bindings/MapTilesNow';
import { host } from '../host';

const none: MapTilesNow = { url: null, attribution: null };

/** Asked each time: it is a setting, and may have changed. */
export async function tiles(): Promise<MapTilesNow> {
  return await host.call('places.tiles', {}).catch(() => none);
}
