import { createReadStream, existsSync, readdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { paraglideVitePlugin } from '@inlang/paraglide-js';
import { svelte } from '@sveltejs/vite-plugin-svelte';
import { svelteTesting } from '@testing-library/svelte/vite';
import type { Plugin } from 'vite';
import { defineConfig } from 'vitest/config';
import { options as messages } from './messages/compile.mjs';

/**
 * Lets the development server's sample library show real photos: every JPEG of the folder named by
 * ALBUMEN_SAMPLE_PHOTOS, listed at /sample-photos and served below it. Never part of a build.
 */
function samplePhotos(): Plugin {
  const folder = process.env.ALBUMEN_SAMPLE_PHOTOS;
  return {
    name: 'sample-photos',
    apply: 'serve',
    configureServer(server) {
      server.middlewares.use('/sample-photos', (request, response) => {
        const name = basename(decodeURIComponent((request.url ?? '/').split('?')[0]));
        if (!folder || !existsSync(folder)) {
          response.setHeader('content-type', 'application/json').end('[]');
        } else if (name === '') {
          const names = readdirSync(folder).filter((file) => /\.jpe?g$/i.test(file));
          response.setHeader('content-type', 'application/json').end(JSON.stringify(names));
        } else if (existsSync(join(folder, name))) {
          response.setHeader('content-type', 'image/jpeg');
          createReadStream(join(folder, name)).pipe(response);
        } else {
          response.writeHead(404).end();
        }
      });
    },
  };
}

export default defineConfig({
  plugins: [paraglideVitePlugin(messages), svelte(), svelteTesting(), samplePhotos()],
  clearScreen: false,
  server: { port: 5173, strictPort: true },
  build: { target: 'safari16', reportCompressedSize: false },
  test: {
    environment: 'jsdom',
    include: ['src/**/*.test.ts'],
    setupFiles: ['src/sample/test-setup.ts'],
  },
});
