/**
 * How messages become functions: src/paraglide is made of en.json and de.json by the compiler that
 * Vite runs, too; run by itself (`npm run messages`), this makes it before the types are checked.
 * The plugin that reads the files comes from node_modules (project.inlang), so nothing is fetched.
 */
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { compile } from '@inlang/paraglide-js';

const ui = join(import.meta.dirname, '..');

/** @type {import('@inlang/paraglide-js').CompilerOptions} */
export const options = {
  project: join(ui, 'project.inlang'),
  outdir: join(ui, 'src', 'paraglide'),
  outputStructure: 'locale-modules',
  strategy: ['globalVariable', 'baseLocale'],
  isServer: 'false',
};

if (import.meta.url === pathToFileURL(process.argv[1]).href) await compile(options);
