/** Language, theme and proxy, as the person set them. */

import { backend } from '$backend';
import type { AppInfo, Lang, Settings } from './api';
import { language } from './i18n.svelte';

let info = $state.raw<AppInfo>({ version: '', language: 'en', 'data-folder': '', platform: '' });
let current = $state.raw<Settings>({ language: 'system', theme: 'system', proxy: { kind: 'system' } });

function show(): void {
  language.set(current.language === 'system' ? info.language : current.language);
  if (current.theme === 'system') document.documentElement.removeAttribute('data-theme');
  else document.documentElement.setAttribute('data-theme', current.theme);
}

export const settings = {
  get now(): Settings {
    return current;
  },
  get app(): AppInfo {
    return info;
  },
  async load(): Promise<void> {
    [info, current] = await Promise.all([backend.appInfo(), backend.settings()]);
    show();
  },
  async save(next: Settings): Promise<void> {
    await backend.saveSettings(next);
    current = next;
    show();
  },
};

export function saveLanguage(lang: Lang): void {
  // The switch is seen at once, even if the file cannot be written.
  language.set(lang);
  void settings.save({ ...settings.now, language: lang }).catch(() => undefined);
}
