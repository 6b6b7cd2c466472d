import type { Album } from "./Album";
import type { Asset } from "./Asset";
import type { Grid } from "./Grid";
import type { Identity } from "./Identity";
import type { ImportReport } from "./ImportReport";
import type { Job } from "./Job";
import type { Link } from "./Link";
import type { Sharing } from "./Sharing";
import type { Status } from "./Status";

type Nothing = Record<string, never>;
type Download = "none" | "screen" | "original";

export type Commands = {
  "status": { payload: Nothing, reply: Status },
  "init": { payload: { person?: string, device?: string }, reply: Identity },
  "import": { payload: { paths: string[], in_place?: boolean, album?: string, no_wait?: boolean }, reply: ImportReport },
  "jobs": { payload: Nothing, reply: { jobs: Job[] } },
  "job.cancel": { payload: { id: string }, reply: Nothing },
  "assets": { payload: { query?: string, album?: string, limit?: number, after?: string }, reply: { assets: Asset[], next: string | null } },
  "asset.show": { payload: { id: string }, reply: Asset },
  "asset.edit": { payload: { id: string, favorite?: boolean, rating?: number, title?: string, description?: string, taken_at?: string }, reply: Asset },
  "asset.write": { payload: { id: string, rendition: "thumbnail" | "preview" | "original", to: string }, reply: { path: string, bytes: number } },
  "grid": { payload: { album?: string, favorites?: boolean }, reply: Grid },
  "timeline": { payload: Nothing, reply: { months: { month: string, count: number }[] } },
  "album.create": { payload: { title: string }, reply: Album },
  "album.list": { payload: Nothing, reply: { albums: Album[] } },
  "album.show": { payload: { id: string }, reply: { album: Album, assets: string[] } },
  "album.edit": { payload: { id: string, title?: string, description?: string, cover?: string }, reply: Album },
  "album.delete": { payload: { id: string }, reply: Nothing },
  "album.add": { payload: { album: string, assets: string[] }, reply: { changed: string[], unchanged: string[] } },
  "album.remove": { payload: { album: string, assets: string[] }, reply: { changed: string[], unchanged: string[] } },
  "link.create": { payload: { album?: string, assets?: string[], label?: string, description?: string, password?: string, expires?: string, download?: Download, show_metadata?: boolean, name?: string }, reply: Link },
  "link.list": { payload: { album?: string }, reply: { links: Link[] } },
  "link.show": { payload: { id: string }, reply: Link },
  "link.edit": { payload: { id: string, label?: string, description?: string, password?: string, expires?: string, download?: Download, show_metadata?: boolean }, reply: Link },
  "link.revoke": { payload: { id: string }, reply: Link },
  "sharing.show": { payload: Nothing, reply: Sharing },
  "sharing.set": { payload: { on: boolean }, reply: Sharing },
};
