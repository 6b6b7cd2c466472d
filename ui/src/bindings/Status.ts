import type { Device } from "./Device";
import type { Job } from "./Job";
import type { Person } from "./Person";
import type { Sharing } from "./Sharing";

export type Status = { library: string, person: Person, device: Device, assets: number, albums: number, links: number, sharing: Sharing, jobs: Array<Job>, };
