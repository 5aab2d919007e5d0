/**
 * Numbers, times and ranges as people read them. Messages only ever get strings and plural counts; everything that is a
 * figure is written here, by rules that `locales/format-cases.json` lists for both languages, so that the command line
 * can say the same. Digits are Latin in both.
 */

import type { EtaRange } from './types/EtaRange';
import type { Say } from './messages';

function grouped(whole: string, say: Say): string {
  if (say.lang !== 'hi') return whole.replace(/\B(?=(\d{3})+$)/g, ',');
  // India counts in thousands once, then in hundreds: 12,34,567.
  const head = whole.slice(0, -3);
  const tail = whole.slice(-3);
  return head ? `${head.replace(/\B(?=(\d{2})+$)/g, ',')},${tail}` : tail;
}

/** A number with at most `digits` digits after the point, none of them a trailing zero. */
export function number(say: Say, value: number, digits = 0): string {
  const [whole = '0', rest = ''] = Math.abs(value).toFixed(digits).split('.');
  const fraction = rest.replace(/0+$/, '');
  const text = grouped(whole, say) + (fraction ? `.${fraction}` : '');
  return value < 0 && /[1-9]/.test(text) ? `-${text}` : text;
}

/** Memory given in MiB: MiB below one GiB, else GiB with one digit. */
export function memory(say: Say, mib: number): string {
  return mib < 1024
    ? say('unit-mib', { n: number(say, mib) })
    : say('unit-gib', { n: number(say, mib / 1024, mib < 100 * 1024 ? 1 : 0) });
}

/** Disks given in GiB. */
export function disk(say: Say, gib: number): string {
  return say('unit-gib', { n: number(say, gib) });
}

/** Processors given in thousandths. A few of them are a tenth: nothing that is asked for shows as 0. */
export function processors(say: Say, millis: number): string {
  return number(say, millis > 0 ? Math.max(0.1, millis / 1000) : 0, 1);
}

/** Bytes, in MB from half a MB on, as downloads are counted. */
export function bytes(say: Say, count: number): string {
  if (count < 500_000) return say('unit-kb', { n: number(say, count / 1000) });
  if (count < 1_000_000_000) return say('unit-mb', { n: number(say, count / 1_000_000, count < 10_000_000 ? 1 : 0) });
  return say('unit-gb', { n: number(say, count / 1_000_000_000, 1) });
}

/** Seconds that have passed. Below 2 minutes with seconds, below 10 hours with minutes. */
export function duration(say: Say, seconds: number): string {
  const s = Math.max(0, Math.round(seconds));
  if (s < 60) return say('unit-s', { n: number(say, s) });
  if (s < 120) {
    const rest = s - 60;
    return rest === 0 ? say('unit-min', { n: '1' }) : say('unit-min-s', { m: '1', s: number(say, rest) });
  }
  const minutes = Math.round(s / 60);
  if (minutes < 60) return say('unit-min', { n: number(say, minutes) });
  const hours = Math.floor(minutes / 60);
  const rest = minutes % 60;
  if (rest === 0 || hours >= 10) return say('unit-h', { count: hours, n: number(say, hours) });
  return say('unit-h-min', { count: hours, h: number(say, hours), m: number(say, rest) });
}

/** Minutes as a range: outwards, so that a range never promises more than was reckoned. */
export function range(say: Say, low: number, high: number): string {
  if (high < 120) return say('range-short');
  const from = Math.max(1, Math.floor(low / 60));
  const to = Math.max(from + 1, Math.ceil(high / 60));
  if (from >= 90) {
    return say('range-h', { from: number(say, Math.floor(from / 60)), to: number(say, Math.ceil(to / 60)) });
  }
  return say('range-min', { from: number(say, from), to: number(say, to) });
}

/** Time left. Not known yet is said, never shown as zero. */
export function eta(say: Say, left: EtaRange | null): string {
  return left ? range(say, left.low, left.high) : say('range-unknown');
}

const two = (n: number): string => String(n).padStart(2, '0');

/** 24 hours, of this computer. */
export function clock(at: Date): string {
  return `${two(at.getHours())}:${two(at.getMinutes())}`;
}

/** 24 hours with seconds, for log rows. */
export function clockSeconds(at: Date): string {
  return `${clock(at)}:${two(at.getSeconds())}`;
}

/** A day with its month in letters. */
export function day(say: Say, at: Date): string {
  return say('date-day', {
    day: String(at.getDate()),
    month: say(`month-${at.getMonth() + 1}`),
    year: String(at.getFullYear()),
  });
}

/** A moment as seen from now: just now, minutes ago, today, yesterday, a day. */
export function moment(say: Say, at: Date, now: Date): string {
  const ago = (now.getTime() - at.getTime()) / 1000;
  if (ago >= 0 && ago < 60) return say('moment-now');
  if (ago >= 0 && ago < 3600) {
    const minutes = Math.floor(ago / 60);
    return say('moment-minutes', { count: minutes, n: number(say, minutes) });
  }
  const midnight = new Date(now.getFullYear(), now.getMonth(), now.getDate());
  if (at >= midnight && at <= now) return say('moment-today', { time: clock(at) });
  const yesterday = new Date(now.getFullYear(), now.getMonth(), now.getDate() - 1);
  if (at >= yesterday && at < midnight) return say('moment-yesterday', { time: clock(at) });
  return day(say, at);
}
