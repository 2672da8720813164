// How a secret may look in a text: as it is, percent-encoded, escaped as in JSON or HTML, in base64, alone or within something
// longer. A pure function from a secret to the source of a regular expression.

/** Finds the secret in all these forms, however they are mixed. */
export function patternOf(secret: string): string {
  const forms = [asText(secret), ...encodings(secret).flatMap(asBase64)];
  return forms.filter((form, index) => forms.indexOf(form) === index).join('|');
}

/** One pattern of all its letters, each raw or escaped. */
function asText(secret: string): string {
  // A run of backslashes is one letter: several repetitions in a row would be tried in every combination.
  const letters = secret.match(/\\+|[\s\S]/gu) ?? [];
  // What stands before the first one is not ours, but where JSON wants it.
  const mayBeQuoted = (letter: string, index: number) =>
    index === 0 ? letter === '"' : letters[index - 1]?.startsWith('\\') !== true;
  return letters
    .map((letter, index) => ofLetter(letter, { mayBeQuoted: mayBeQuoted(letter, index) }))
    .join('');
}

function ofLetter(letter: string, { mayBeQuoted }: { readonly mayBeQuoted: boolean }): string {
  if (/^[A-Za-z0-9]$/.test(letter)) return letter;
  const count = letter.length;
  if (letter.startsWith('\\')) return `(?:\\\\{${count},${8 * count}}|(?:%(?:25){0,2}5[cC]){${count}})`;
  const forms = [
    raw(letter),
    percent(letter),
    `\\\\{1,7}${unicodeEscape(letter)}`,
    ...(escapes[letter] ?? []),
  ];
  return `${mayBeQuoted ? '\\\\{0,7}' : ''}(?:${forms.join('|')})`;
}

const raw = (letter: string) => letter.replace(/[\^$.*+?()[\]{}|/-]/g, '\\$&');

/** What else a letter becomes in a form, in JSON, in HTML. */
const escapes: Readonly<Record<string, readonly string[]>> = {
  ' ': ['\\+'],
  '\n': ['\\r\\n', '\\\\{1,7}n'],
  '\r': ['\\\\{1,7}r'],
  '\t': ['\\\\{1,7}t'],
  '&': ['&amp;', '&#38;'],
  '<': ['&lt;', '&#60;'],
  '>': ['&gt;', '&#62;'],
  '"': ['&quot;', '&#34;'],
  "'": ['&apos;', '&#0?39;', '&#x27;'],
};

/** `%40`, also when the percent sign was encoded once or twice more. */
function percent(letter: string): string {
  const bytes = [...Buffer.from(letter)];
  return bytes.map((byte) => `%(?:25){0,2}${hex(byte, 2)}`).join('');
}

const unicodeEscape = (letter: string) =>
  Array.from({ length: letter.length }, (_, index) => `u${hex(letter.charCodeAt(index), 4)}`).join(
    '\\\\{1,7}',
  );

/** In either case. */
const hex = (number: number, digits: number) =>
  number
    .toString(16)
    .padStart(digits, '0')
    .replace(/[a-f]/g, (digit) => `[${digit}${digit.toUpperCase()}]`);

/** What is put into base64: the secret itself, or what some other encoding has already made of it. */
function encodings(secret: string): readonly Buffer[] {
  const percentEncoded = encodeURIComponent(secret.replace(/\p{Surrogate}/gu, '\ufffd'));
  const texts = new Set([secret, JSON.stringify(secret).slice(1, -1), percentEncoded]);
  const latin1 = Buffer.from(secret, 'latin1');
  const isLatin1 = latin1.toString('latin1') === secret;
  return [...[...texts].map((text) => Buffer.from(text)), ...(isLatin1 ? [latin1] : [])];
}

const digit: Readonly<Record<string, string>> = { '+': '(?:[+-]|%2[bB])', '/': '(?:\\\\?[/_]|%2[fF])' };

/**
 * Also within the base64 of something longer, as `user:password` is: a byte falls on one of three places of a group, and
 * digits that it shares with its neighbours are left out.
 */
function asBase64(bytes: Buffer): readonly string[] {
  return [0, 1, 2].map((place) => {
    const text = Buffer.concat([Buffer.alloc(place), bytes]).toString('base64');
    const bits = 8 * (place + bytes.length);
    const whole = text.slice(Math.ceil((8 * place) / 6), Math.floor(bits / 6));
    const rest = bits % 6 === 0 ? '' : '[A-Za-z0-9+/_-]?';
    return `${[...whole].map((one) => digit[one] ?? one).join('')}${rest}(?:=|%3[dD]){0,2}`;
  });
}
