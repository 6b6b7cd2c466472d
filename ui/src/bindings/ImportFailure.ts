export type ImportFailure = { path: string, code: string, message: string, };
