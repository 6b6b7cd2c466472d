/** Parts of the world, as the node writes them: south, west, north and east in degrees. */

export type Corners = [[south: number, west: number], [north: number, east: number]];

export function corners(area: string): Corners {
  const [south, west, north, east] = area.split(',').map(Number);
  return [
    [south, west],
    [north, east],
  ];
}

type Shown = {
  getBounds(): {
    getSouth(): number;
    getWest(): number;
    getNorth(): number;
    getEast(): number;
  };
  getZoom(): number;
};

/** What a map shows, and a little around it, so that moving it a little shows nothing empty. */
export function shownArea(map: Shown): { area: string; zoom: number } {
  const bounds = map.getBounds();
  const [south, west] = [bounds.getSouth(), bounds.getWest()];
  const [north, east] = [bounds.getNorth(), bounds.getEast()];
  const [up, right] = [(north - south) * 0.15, (east - west) * 0.15];
  // The world's own edges belong to it.
  const within = (value: number, most: number) => Math.max(-most, Math.min(most + 0.001, value));
  const area = [
    within(south - up, 90),
    within(west - right, 180),
    within(north + up, 90),
    within(east + right, 180),
  ];
  return { area: area.map((side) => side.toFixed(5)).join(','), zoom: map.getZoom() };
}
