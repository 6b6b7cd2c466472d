export type Sharing = { on: boolean, reach: "off" | "this machine" | "this network" | "public", address: string | null, problem: string | null, };
