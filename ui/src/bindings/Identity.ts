import type { Device } from "./Device";
import type { Person } from "./Person";

export type Identity = { library: string, person: Person, device: Device, };
