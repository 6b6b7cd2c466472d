import { afterEach, beforeEach, expect, it, vi } from 'vitest';

beforeEach(() => {
  vi.resetModules();
  localStorage.clear();
});
afterEach(() => vi.unstubAllGlobals());

/** Opens the window anew for someone whose system prefers these languages. */
async function spoken(...languages: string[]) {
  vi.stubGlobal('navigator', { languages, language: languages[0] });
  const language = await import('./language');
  const { m } = await import('../paraglide/messages');
  const format = await import('./format');
  return { ...language, ...format, m };
}

it('the window speaks the first language of the system that it knows', async () => {
  const { m, dialect } = await spoken('fr-CA', 'de-AT', 'en-US');
  expect(m.trash()).toBe('Papierkorb');
  expect(dialect).toBe('de-AT');
  expect(document.documentElement.lang).toBe('de');
});

it('and English where it knows none', async () => {
  const { m, dialect } = await spoken('fr-FR');
  expect(m.trash()).toBe('Trash');
  expect(dialect).toBe('en-GB');
});

it('a chosen language goes before the system’s, until that is chosen again', async () => {
  localStorage.setItem('albumen.language', 'de');
  const german = await spoken('en-US');
  expect([german.m.trash(), german.chosenLanguage(), german.dialect]).toEqual([
    'Papierkorb',
    'de',
    'de-DE',
  ]);
  vi.stubGlobal('location', { reload: vi.fn() });
  german.chooseLanguage('system');
  expect(location.reload).toHaveBeenCalled();
  vi.resetModules();
  const english = await spoken('en-US');
  expect([english.m.trash(), english.chosenLanguage()]).toEqual(['Trash', 'system']);
});

it('offers each language by its own name', async () => {
  const { languages } = await spoken('en-US');
  expect(languages.map(({ text }) => text)).toEqual(['As the system', 'English', 'Deutsch']);
});

it('writes numbers, dates, sizes and places as they are written in German', async () => {
  const format = await spoken('de-DE');
  expect(format.size(3_240_000)).toBe('3,2 MB');
  expect(format.size(512)).toBe('512 Byte');
  expect(format.holdings(1205, 1)).toBe('1.204 Fotos, 1 Video');
  expect(format.wall(Date.UTC(2026, 4, 3), 'dayInFull')).toBe('Sonntag, 3. Mai 2026');
  expect(format.coordinates(-33.8568, 151.2153)).toBe('33,8568° S, 151,2153° O');
  expect(format.exposure(0.5)).toBe('0,5 s');
  expect(format.until('2026-12-04T00:00:00Z', Date.UTC(2026, 10, 22))).toBe('noch 12 Tage');
  const report = { imported: 214, duplicates: 3, skipped: 0, failed: 2, cancelled: true };
  expect(format.importResult(report)).toBe(
    'Abgebrochen: 214 importiert, 3 schon vorhanden, 2 nicht lesbar',
  );
});
