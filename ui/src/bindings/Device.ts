export type Device = { id: string, name: string, };
