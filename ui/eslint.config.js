import js from '@eslint/js';
import svelte from 'eslint-plugin-svelte';
import globals from 'globals';
import ts from 'typescript-eslint';
import svelteConfig from './svelte.config.js';

export default ts.config(
  { ignores: ['dist', 'dist-mock', 'src/lib/types'] },
  js.configs.recommended,
  ...ts.configs.strict,
  ...svelte.configs.recommended,
  { languageOptions: { globals: { ...globals.browser, ...globals.node } } },
  {
    files: ['**/*.svelte', '**/*.svelte.ts'],
    languageOptions: { parserOptions: { parser: ts.parser, extraFileExtensions: ['.svelte'], svelteConfig } },
  },
  {
    rules: {
      // The checker of types knows better, and generics of Svelte confuse these.
      'no-undef': 'off',
      // Links are hashes of our own (`#/place`); there is no router to resolve them.
      'svelte/no-navigation-without-resolve': 'off',
      // `{' '}` is the one way to keep a space at the edge of a block.
      'svelte/no-useless-mustaches': 'off',
      // Maps here are made and read within one derivation; nothing watches them.
      'svelte/prefer-svelte-reactivity': 'off',
    },
  },
  {
    // One file touches the program, so that everything else runs anywhere.
    files: ['src/**'],
    ignores: ['src/lib/backend.ts'],
    rules: {
      'no-restricted-imports': ['error', { patterns: ['@tauri-apps/*'] }],
    },
  },
);
