import { fileURLToPath } from 'node:url';
import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig } from 'vitest/config';

const at = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

// `--mode mock` swaps the one file that talks to the program for one that pretends to; nothing else differs, and the
// product build cannot contain it.
export default defineConfig(({ mode }) => ({
  plugins: [svelte()],
  resolve: {
    alias: {
      $backend: at(mode === 'mock' || mode === 'test' ? './src/lib/mock/index.ts' : './src/lib/backend.ts'),
      $locales: at('../locales'),
    },
    // Without this, unit tests would get Svelte's server side.
    ...(mode === 'test' ? { conditions: ['browser'] } : {}),
  },
  base: './',
  build: { outDir: mode === 'mock' ? 'dist-mock' : 'dist', target: 'es2022', chunkSizeWarningLimit: 900 },
  server: { host: '127.0.0.1', port: 5183, strictPort: true, fs: { allow: ['..'] } },
  preview: { host: '127.0.0.1' },
  test: { include: ['src/**/*.test.ts'], environment: 'node' },
}));
