/** Puts text into the clipboard, also in a webview that has no clipboard of its own to offer. */
export async function copyText(text: string): Promise<void> {
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    const field = document.createElement('textarea');
    field.value = text;
    field.className = 'say';
    document.body.append(field);
    field.select();
    // Deprecated, and the only way left where the newer one is refused.
    document.execCommand('copy');
    field.remove();
  }
}
