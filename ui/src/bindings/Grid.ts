export type Grid = { ids: Array<string>, ratios: Array<number>, times: Array<number>, thumbhashes: Array<string>, favorites: Array<number>, };
