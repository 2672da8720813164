// Names and text as Graphviz takes them.

/** A quoted name; what cannot stand in one is written as its code. */
export function quoted(name: string): string {
  const escaped = name
    .replace(/\\/g, '\\\\')
    .replace(/[\p{Cc}\p{Cs}]/gu, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`)
    .replaceAll('"', '\\"');
  return `"${escaped}"`;
}

const entities: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

/** Text of a label that is HTML-like. */
export const dotText = (text: string): string => text.replace(/[&<>"]/g, (char) => entities[char] ?? char);

/** Attributes, but for those that are undefined; HTML-like where the value is in `<…>`. */
export function attributes(given: Readonly<Record<string, string | undefined>>): string {
  const pairs = Object.entries(given).flatMap(([key, value]) =>
    value === undefined ? [] : [`${key}=${value.startsWith('<') ? value : quoted(value)}`],
  );
  return `[${pairs.join(' ')}]`;
}
