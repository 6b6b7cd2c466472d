/**
 * The language of the window: the one that was chosen, or else the system's. It is read once, when the
 * page loads; choosing another loads the page again. What the node says (errors, what was undone) is
 * English in every language.
 */
import { m } from '../paraglide/messages';
import {
  baseLocale,
  isLocale,
  locales,
  overwriteGetLocale,
  type Locale,
} from '../paraglide/runtime';

/** A language of the window, or `system`: whatever the system speaks. */
export type Language = Locale | 'system';

const kept = 'albumen.language';
const usual: Record<Locale, string> = { en: 'en-GB', de: 'de-DE' };

function preferred(): readonly string[] {
  return typeof navigator === 'undefined' ? [] : (navigator.languages ?? [navigator.language]);
}

const spoken = (tag: string) => tag.split('-')[0];

/** What was chosen, as a settings page shows it. */
export function chosenLanguage(): Language {
  const chosen = globalThis.localStorage?.getItem(kept);
  return isLocale(chosen) ? chosen : 'system';
}

/** Chooses the language, and loads the page again in it. */
export function chooseLanguage(language: Language): void {
  if (language === 'system') localStorage.removeItem(kept);
  else localStorage.setItem(kept, language);
  location.reload();
}

function language(): Locale {
  const chosen = chosenLanguage();
  return chosen === 'system' ? (preferred().map(spoken).find(isLocale) ?? baseLocale) : chosen;
}

const now = language();
overwriteGetLocale(() => now);
if (typeof document !== 'undefined') document.documentElement.lang = now;

/** The reader's own variant of the language, for numbers and dates: `en-US`, `de-AT`. */
export const dialect = preferred().find((tag) => spoken(tag) === now) ?? usual[now];

/** What there is to choose from: the system's, and each language by its own name. */
export const languages: { value: Language; text: string }[] = [
  { value: 'system', text: m.language_system() },
  ...locales.map((value) => ({
    value,
    text: new Intl.DisplayNames(value, { type: 'language' }).of(value) ?? value,
  })),
];
