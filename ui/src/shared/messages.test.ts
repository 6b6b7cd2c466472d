/** The message files say the same in every language, all of it is used, and nothing is said elsewhere. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse, type AST } from 'svelte/compiler';
import { describe, expect, it } from 'vitest';
import { m } from '../paraglide/messages';
import settings from '../../project.inlang/settings.json';

type Forms = { declarations: string[]; selectors: string[]; match: Record<string, string> };
type Messages = Record<string, string | Forms[]>;

const src = join(import.meta.dirname, '..');
const [base, ...others] = settings.locales.map((locale) => ({
  locale,
  messages: JSON.parse(
    readFileSync(join(src, '..', 'messages', `${locale}.json`), 'utf8'),
  ) as Messages,
}));

/** What must be given for a message to be said: names in braces, but those it makes itself. */
function parameters(message: string | Forms[]): string[] {
  if (typeof message !== 'string')
    return message[0].declarations
      .flatMap((declaration) => /^input (\w+)$/.exec(declaration)?.[1] ?? [])
      .sort();
  return [...new Set(message.match(/\{\w+\}/g) ?? [])].map((name) => name.slice(1, -1)).sort();
}

function files(end: string, folder = src): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory())
      return ['bindings', 'paraglide'].includes(entry.name) ? [] : files(end, path);
    return path.endsWith(end) ? [path] : [];
  });
}

describe.each(others)('$locale', ({ locale, messages }) => {
  it('has every message of the base language, and no other', () => {
    expect(Object.keys(messages).sort()).toEqual(Object.keys(base.messages).sort());
  });

  it('asks for the same parameters', () => {
    for (const [key, message] of Object.entries(base.messages))
      expect({ key, needs: parameters(messages[key]) }).toEqual({
        key,
        needs: parameters(message),
      });
  });

  it('has all forms that its numbers take', () => {
    const wanted = new Intl.PluralRules(locale).resolvedOptions().pluralCategories;
    for (const [key, message] of Object.entries(messages)) {
      if (typeof message === 'string') continue;
      const forms = Object.keys(message[0].match).map((form) => form.replace('plural=', ''));
      expect({ key, forms: forms.sort() }).toEqual({ key, forms: [...wanted].sort() });
    }
  });
});

it('says numbers by the rules of the language', () => {
  expect(m.photos({ count: 1 }, { locale: 'de' })).toBe('1 Foto');
  expect(m.photos({ count: 1204 }, { locale: 'de' })).toBe('1.204 Fotos');
  expect(m.already_in_album({ count: 2, title: 'Meer' }, { locale: 'de' })).toBe(
    'Sie sind schon in „Meer“',
  );
});

it('every message is said somewhere', () => {
  const all = [...files('.svelte'), ...files('.ts')]
    .map((path) => readFileSync(path, 'utf8'))
    .join();
  const said = new Set(all.match(/\bm\.\w+/g)?.map((use) => use.slice(2)));
  expect(Object.keys(base.messages).filter((key) => !said.has(key))).toEqual([]);
});

/** Attributes that people read or hear. */
const read = ['alt', 'aria-label', 'label', 'note', 'placeholder', 'text', 'title', 'verb'];
/** Names, and what is the same in every language. */
const names = ['Albumen'];

/** Words written in a component's markup instead of a message file. */
function literals(path: string): string[] {
  const found: string[] = [];
  const judge = (text: string) => {
    const words = text.trim();
    if (/\p{L}{2}/u.test(words) && !names.includes(words)) found.push(words);
  };
  const walk = (node: unknown) => {
    if (Array.isArray(node)) return node.forEach(walk);
    if (typeof node !== 'object' || node === null || !('type' in node)) return;
    const { type } = node as { type: string };
    if (type === 'Text') judge((node as AST.Text).data);
    else if (type === 'Attribute') {
      const { name, value } = node as AST.Attribute;
      if (read.includes(name)) said(value);
      return;
    } else if (type === 'StyleDirective') return;
    for (const [key, value] of Object.entries(node)) if (key !== 'metadata') walk(value);
  };
  /** Text, templates and strings that an attribute may become; not what is handed to functions. */
  const said = (node: unknown): void => {
    if (Array.isArray(node)) return node.forEach(said);
    if (typeof node !== 'object' || node === null || !('type' in node)) return;
    const one = node as Record<string, unknown>;
    if (one.type === 'Text') judge(String(one.data));
    else if (one.type === 'Literal' && typeof one.value === 'string') judge(one.value);
    else if (one.type === 'TemplateElement') judge((one.value as { cooked: string }).cooked);
    else if (one.type === 'ExpressionTag') said(one.expression);
    else if (one.type === 'ConditionalExpression') said([one.consequent, one.alternate]);
    else if (one.type === 'LogicalExpression') said([one.left, one.right]);
    else if (one.type === 'TemplateLiteral') said(one.quasis);
  };
  walk(parse(readFileSync(path, 'utf8'), { modern: true, filename: path }).fragment);
  return found;
}

it('no component has words of its own', () => {
  const guilty = files('.svelte').flatMap((path) =>
    literals(path).map((words) => `${path.slice(src.length + 1)}: ${words}`),
  );
  expect(guilty).toEqual([]);
});

/** A sentence or a title: a capital, and another word. Errors of the sample host are the node's. */
it('no module has sentences of its own', () => {
  const modules = [...files('.ts'), ...files('.svelte')].filter(
    (path) => !path.endsWith('.test.ts') && !path.includes(join(src, 'sample')),
  );
  const guilty = modules.flatMap((path) => {
    const script = readFileSync(path, 'utf8')
      .replace(/<style>[^]*/, '')
      .replace(/<!--[^]*?-->|\/\*[^]*?\*\/|(^|\s)\/\/.*/g, '');
    const strings = script.match(/(['"`])[A-Z][a-z]+(?: [^'"`\n]+|…)\1/g) ?? [];
    return strings.map((words) => `${path.slice(src.length + 1)}: ${words}`);
  });
  expect(guilty).toEqual([]);
});
