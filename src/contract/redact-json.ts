// Redacting what is JSON, or is about to be, so that it stays JSON: strings, keys and numbers are replaced one by one.
import { isTelling, redact, redactedMark } from './secrets.js';

const start = /["\d-]/g;
const number = /-?\d[\d.eE+-]*/y;

/** JSON text, still JSON. Not by one regular expression: for a string of megabytes that would want a stack of megabytes. */
export function redactJson(json: string): string {
  let redacted = '';
  let done = 0;
  for (;;) {
    start.lastIndex = done;
    const found = start.exec(json);
    if (found === null) return redacted + json.slice(done);
    const end = found[0] === '"' ? endOfString(json, found.index) : endOfNumber(json, found.index);
    redacted += json.slice(done, found.index) + redactToken(json.slice(found.index, end));
    done = end;
  }
}

function redactToken(token: string): string {
  if (!token.startsWith('"')) return isTelling(token) ? JSON.stringify(redactedMark) : token;
  const text = token.includes('\\') ? String(JSON.parse(token)) : token.slice(1, -1);
  return isTelling(text) ? JSON.stringify(redact(text)) : token;
}

/** A quote behind an odd number of backslashes is part of the string. */
function endOfString(json: string, begin: number): number {
  for (let end = json.indexOf('"', begin + 1); end > 0; end = json.indexOf('"', end + 1)) {
    let slash = end;
    while (json[slash - 1] === '\\') slash -= 1;
    if ((end - slash) % 2 === 0) return end + 1;
  }
  return json.length;
}

function endOfNumber(json: string, begin: number): number {
  number.lastIndex = begin;
  return number.test(json) ? number.lastIndex : begin + 1;
}

/** Text of whatever kind; JSON stays JSON. */
export function redactText(text: string): string {
  if (!isTelling(text)) return text;
  try {
    JSON.parse(text);
  } catch {
    return redact(text);
  }
  return redactJson(text);
}

/** What can be JSON, as JSON would have it; the very same where nothing is to be redacted. */
export function redactData<T>(data: T): T {
  if (data === undefined) return data;
  const json = JSON.stringify(data);
  return isTelling(json) ? JSON.parse(redactJson(json)) : data;
}
