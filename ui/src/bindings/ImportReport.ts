import type { ImportFailure } from "./ImportFailure";

export type ImportReport = { imported: number, duplicates: number, skipped: number, failed: Array<ImportFailure>, assets: Array<string>, };
