import { expect, test } from 'vitest';
import { clean, column, cut, duration, show, width, wrap } from '../../src/cli/text.js';

test('what is too long is cut with …, by columns and not by letters', () => {
  expect(cut('web01.example.com', 8)).toBe('web01.e…');
  expect(cut('short', 8)).toBe('short');
  expect(cut('日本語のホスト', 6)).toBe('日本…');
  expect(column('日本', 6)).toBe('日本  ');
  expect(width('\x1b[31mred\x1b[39m é')).toBe(5);
});

test('words are wrapped, a longer one has a line of its own', () => {
  expect(wrap(['one', 'two', 'three', 'seventeenth'], 8)).toEqual(['one two', 'three', 'seventeenth']);
});

test('nothing that a worker sends moves the cursor', () => {
  expect(clean('\x1b[2J\x1b]0;title\x07one\r\ntwo\x00 three\u009b1A')).toMatch(/^one two three/);
  expect(clean('\x1b[2Ja\rb\tc\n\n')).toBe('a b c');
  expect(clean('a\u202eb\u2066c')).toBe('a b c');
  // biome-ignore lint/suspicious/noControlCharactersInRegex: the very characters that must not come through
  expect(clean('\x1b\x9b\x07x')).not.toMatch(/[\x00-\x1f\x7f-\x9f]/);
});

test('durations have a unit', () => {
  expect([0, 7.4, 999.4, 1000, 59_990, 125_000].map(duration)).toEqual([
    '0 ms',
    '7 ms',
    '999 ms',
    '1.00 s',
    '59.99 s',
    '2:05 min',
  ]);
});

test('data are shown on one line', () => {
  expect([show('a\nb'), show({ a: [1] }), show(0.5), show(undefined)]).toEqual([
    'a b',
    '{"a":[1]}',
    '0.5',
    'nothing',
  ]);
});
