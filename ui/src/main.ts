import '@fontsource/roboto/latin-400.css';
import '@fontsource/roboto/latin-500.css';
import '@fontsource/roboto/latin-700.css';
import '@fontsource/roboto-condensed/latin-400.css';
import '@fontsource/roboto-condensed/latin-700.css';
import '@fontsource/noto-sans-devanagari/devanagari-400.css';
import '@fontsource/noto-sans-devanagari/devanagari-600.css';
import '@fontsource/noto-sans-devanagari/devanagari-700.css';
import './tokens.css';
import './look.css';
import './more.css';
import { mount } from 'svelte';
import App from './App.svelte';
import { draft } from './lib/draft.svelte';
import { route } from './lib/route.svelte';
import { settings } from './lib/settings.svelte';

async function start(): Promise<void> {
  const target = document.getElementById('app');
  if (!target) return;
  // Language and theme first, so that nothing flickers; a draft that cannot be read must not keep the window shut.
  await settings.load().catch(() => undefined);
  await draft.load().catch(() => undefined);
  route.start();
  mount(App, { target });
}

void start();
