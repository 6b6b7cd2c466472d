/** Natural Earth's countries at 1:50 million (public domain), as TopoJSON. */
declare module 'world-atlas/countries-50m.json' {
  import type { GeometryCollection, Topology } from 'topojson-specification';
  const world: Topology<{ countries: GeometryCollection<{ name: string }> }>;
  export default world;
}
