// Secrets as somebody may choose them, and the forms in which one may leave a process.
import fc from 'fast-check';

/** Of 6 to 24 letters that no text around them is likely to have. */
export const secretText = (): fc.Arbitrary<string> =>
  fc
    .array(fc.oneof(letter, letter, letter, mark, odd), { minLength: 6, maxLength: 24 })
    .map((letters) => letters.join(''));

const letter = fc.constantFrom(...'abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789');
const mark = fc.constantFrom(...'!"#$%&\'()*+,-./:;<=>?@[\\]^_`{|}~ ');
const odd = fc.constantFrom('ä', 'ß', '漢', '😀', '\n', '\t', '\u0007');

/** Names and texts. */
export function formsOf(secret: string): readonly (readonly [string, string])[] {
  const percent = encodeURIComponent(secret);
  const strict = [...Buffer.from(secret)].map((byte) => {
    const text = String.fromCharCode(byte);
    return /[A-Za-z0-9]/.test(text) ? text : `%${byte.toString(16).padStart(2, '0').toUpperCase()}`;
  });
  const base64 = (text: string) => Buffer.from(text).toString('base64');
  return [
    ['raw', secret],
    ['JSON', JSON.stringify(secret).slice(1, -1)],
    ['JSON in JSON', JSON.stringify(JSON.stringify(secret)).slice(3, -3)],
    ['percent-encoded', percent],
    ['percent-encoded, lower case', percent.replace(/%../g, (code) => code.toLowerCase())],
    ['percent-encoded, every mark', strict.join('')],
    ['percent-encoded twice', encodeURIComponent(percent)],
    ['of a form', new URLSearchParams({ a: secret }).toString().slice(2)],
    ['base64', base64(secret)],
    ['base64url', Buffer.from(secret).toString('base64url')],
    ['base64 in a URL', encodeURIComponent(base64(secret))],
    ['Basic', base64(`user:${secret}`)],
    ['Basic of a URL', base64(`user:${percent}`)],
    ['base64 of JSON', base64(JSON.stringify({ secret }))],
  ];
}
