// What a text looks like once the secrets of this process are out of it.
import { inspect } from 'node:util';
import fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import { redactData, redactJson, redactText } from '../../src/contract/redact-json.js';
import { redactIn } from '../../src/contract/redact-value.js';
import { isTelling, redact, rememberSecret, rememberUserInfo } from '../../src/contract/secrets.js';
import { formsOf, secretText } from './secret-forms.js';

const forgets: (() => void)[] = [];
const remember = (text: string) => forgets.push(rememberSecret(text));
afterEach(() => {
  for (const forget of forgets.splice(0)) forget();
});

describe('a secret in a text', () => {
  it('is found in every form, whatever is around it', () => {
    fc.assert(
      fc.property(secretText(), fc.string({ unit: 'grapheme' }), fc.string(), (secret, before, after) => {
        const forget = rememberSecret(secret);
        for (const [name, form] of formsOf(secret)) {
          const text = redact(before + form + after);
          expect([name, text.includes(form)]).toEqual([name, false]);
          expect(text).toContain('[redacted]');
        }
        forget();
      }),
      { seed: 8, numRuns: 60 },
    );
  });

  it('is found in base64 of something longer', () => {
    remember('Tr0ub4dor&3');
    for (const before of ['', 'u', 'us', 'user:', '{"user":"u","password":"']) {
      for (const after of ['', '"', '\n', '"}', 'xyz']) {
        const text = Buffer.from(`${before}Tr0ub4dor&3${after}`);
        for (const encoding of ['base64', 'base64url'] as const)
          expect(redact(text.toString(encoding))).toContain('[redacted]');
      }
    }
  });

  it.each([
    ['it is', 'a hunter2 b', 'a [redacted] b'],
    ['it is there twice', 'hunter2hunter2', '[redacted][redacted]'],
    ['another one lies in it', 'xhunter2y', '[redacted]'],
    ['it has special characters', 'is (a+b)*[c]$ so?', 'is [redacted] so?'],
    ['backslashes stand before them', 'is \\(a\\+b\\)\\*\\[c\\]\\$', 'is \\[redacted]'],
    ['it is JSON in JSON', JSON.stringify(JSON.stringify('q"u\\o\nte')), '"\\"[redacted]\\""'],
    [
      'it is in a URL of anybody',
      'at amqp://u:p%40w@h, ftp://a:b@c',
      'at amqp://u:[redacted]@h, ftp://a:[redacted]@c',
    ],
    [
      'it is in a URL, but not where a placeholder is',
      'amqp://user:password@h, amqp://guest:guest@h, amqp://u:password1@h',
      'amqp://user:password@h, amqp://guest:guest@h, amqp://u:[redacted]@h',
    ],
    ['only a user is in the URL', 'amqp://guest@localhost:5672/', 'amqp://guest@localhost:5672/'],
    ['a port is in the URL', 'http://host:80/@b', 'http://host:80/@b'],
  ])('is replaced where %s', (_where, text, expected) => {
    for (const secret of ['hunter2', 'xhunter2y', '(a+b)*[c]$', 'q"u\\o\nte']) remember(secret);
    expect(redact(text)).toBe(expected);
    expect(redact(expected)).toBe(expected);
  });

  it.each(['', 'abc', 'guest', 'Password', 'true', 'redacted'])(
    'is not searched for when it is %j',
    (text) => {
      remember(text);
      expect(redact(`a ${text} b`)).toBe(`a ${text} b`);
    },
  );

  it('is searched for line by line, and in pieces where it is long', () => {
    const line = 'MIIEvQIBADANBgkqhkiG9w0BAQEFAASC';
    remember(`-----BEGIN PRIVATE KEY-----\n${line}\n${line}==\n-----END PRIVATE KEY-----\n`);
    expect(redact(`says ${line}`)).toBe('says [redacted]');
    expect(redact('-----BEGIN PRIVATE KEY-----')).toBe('-----BEGIN PRIVATE KEY-----');
    const long = Array.from({ length: 400 }, (_, number) => `${number}!`).join('');
    remember(long);
    expect(redact(`a${long}b`)).toBe(`a${'[redacted]'.repeat(12)}b`);
  });

  it('is forgotten when all who remembered it forgot it, and sixteen more', () => {
    const [first, second] = [rememberSecret('swordfish'), rememberSecret('swordfish')];
    const pass = (count: number) => {
      for (let number = 0; number < count; number++) rememberSecret(`other secret ${number}`)();
    };
    first();
    first();
    pass(20);
    expect(isTelling('swordfish')).toBe(true);
    second();
    pass(15);
    expect(isTelling('swordfish')).toBe(true);
    pass(20);
    expect(isTelling('swordfish')).toBe(false);
  });

  it('costs no more than a look at each letter, whatever the text', () => {
    for (const secret of ['\\\\\\\\\\\\\\\\@', '@@@@@@@@', 'aaaaaaaaaaaaaaaaaaaaaaaab', '%%%%%%%%'])
      remember(secret);
    const began = performance.now();
    for (const letter of ['\\', 'a', '@', '%25', ':', '://', '://a:', ' ']) redact(letter.repeat(50_000));
    expect(performance.now() - began).toBeLessThan(5000);
  });
});

describe('the user info of a URL', () => {
  it.each([
    ['amqp://u:hunt%40er@h/v', 'hunt@er'],
    ['amqp://u:hunt%40er@h/v', 'hunt%40er'],
    ['amqps://:hunter2@h', 'hunter2'],
    ['http://u:hunter2@h/a@b', 'hunter2'],
    ['amqp://u:hun/ter@h', 'hun/ter'],
    ['amqp://u:hun#ter@h/a', 'hun#ter'],
    ['amqp://u:hun@ter@h', 'hun@ter'],
    ['amqp://u:hunter%2@h', 'hunter%2'],
  ])('of %s has the secret %s', (url, secret) => {
    rememberUserInfo(url);
    expect(redact(`is ${secret}.`)).toBe('is [redacted].');
  });

  it('has none where the password is the name', () => {
    rememberUserInfo('amqp://rabbit:rabbit@h');
    expect(redact('rabbit')).toBe('rabbit');
  });
});

describe('JSON', () => {
  it('stays JSON, with strings, keys and numbers redacted', () => {
    remember('hunter2');
    remember('31415926');
    remember('q"u\\o');
    const data = {
      a: [1, 31415926, -0.5e10, 'q"u\\o'],
      hunter2: { b: 'my hunter2', c: null, d: true },
      e: '',
    };
    const redacted = {
      a: [1, '[redacted]', -0.5e10, '[redacted]'],
      '[redacted]': { b: 'my [redacted]', c: null, d: true },
      e: '',
    };
    expect(JSON.parse(redactJson(JSON.stringify(data)))).toEqual(redacted);
    expect(JSON.parse(redactText(` ${JSON.stringify(data)}\n`))).toEqual(redacted);
    expect(redactData(data)).toEqual(redacted);
    expect(redactText('{"a": hunter2, 31415926')).toBe('{"a": [redacted], [redacted]');
  });

  it('that tells nothing is the very same', () => {
    remember('hunter2');
    const data = { a: 1 };
    expect(redactData(data)).toBe(data);
    expect(redactData(undefined)).toBe(undefined);
  });

  it('of a megabyte is no trouble', () => {
    remember('hunter2');
    const text = 'a\\"'.repeat(300_000);
    expect(redactData([text, 'hunter2'])).toEqual([text, '[redacted]']);
  });
});

describe('a value that is logged', () => {
  it('that tells nothing is the very same', () => {
    remember('hunter2');
    const value = { a: [new Map([[1, new Set(['b'])]])], at: new Date(), error: new Error('c') };
    Object.assign(value, { self: value });
    expect(redactIn(value)).toBe(value);
  });

  it('is copied where it tells something, with its cycles, and its prototype untouched', () => {
    remember('hunter2');
    const value: Record<string, unknown> = JSON.parse(
      '{"__proto__":{"x":"hunter2"},"hunter2":1,"b":["hunter2"]}',
    );
    value.self = value;
    value.url = new URL('http://a:bcdef@c/');
    value.map = new Map([['hunter2', new Set(['hunter2'])]]);
    value.headers = new Headers({ authorization: `Basic ${Buffer.from('u:hunter2').toString('base64')}` });
    value.own = { toJSON: () => ({ of: 'hunter2' }) };
    Object.defineProperty(value, 'thrower', {
      enumerable: true,
      get() {
        throw new Error('hunter2');
      },
    });
    const shown = inspect(redactIn(value), { depth: 9 });
    expect(shown).not.toContain('hunter2');
    expect(shown).toContain('[Circular');
    expect(shown).toContain('http://a:[redacted]@c/');
    expect(shown).toContain('[unreadable]');
    expect(Object.getPrototypeOf(redactIn(value))).toBe(Object.prototype);
    expect(({} as { x?: string }).x).toBe(undefined);
  });

  it('stays an error of its class, with message, stack, causes and members redacted', () => {
    remember('hunter2');
    class OwnError extends Error {
      readonly detail = { password: 'hunter2' };
    }
    const errors = [new AggregateError([new Error('hunter2')], 'many')];
    const error = new OwnError('is hunter2', { cause: Object.assign(new TypeError('hunter2'), { errors }) });
    const copied = redactIn(error);
    expect(copied).toBeInstanceOf(OwnError);
    expect(copied.message).toBe('is [redacted]');
    expect(copied.stack).toMatch(/^Error: is \[redacted\]\n +at /);
    expect(copied.cause).toBeInstanceOf(TypeError);
    expect(inspect(copied, { depth: 9 })).not.toContain('hunter2');
    expect(error.message).toBe('is hunter2');
  });

  it('has no URL of an error that Node made of it', () => {
    let thrown: unknown;
    try {
      new URL('not//a:pa/ss#word@url');
    } catch (error) {
      thrown = error;
    }
    expect(inspect(thrown)).toContain('pa/ss#word');
    expect(inspect(redactIn({ err: thrown }), { depth: 5 })).not.toContain('pa/ss#word');
    expect(inspect(redactIn(new Error('x', { cause: thrown })), { depth: 5 })).not.toContain('pa/ss#word');
  });

  it('may be of any kind', () => {
    remember('hunter2');
    const thrower = new Proxy(
      {},
      {
        ownKeys: () => {
          throw new Error('hunter2');
        },
      },
    );
    const deep = Array.from({ length: 5000 }).reduce<unknown>((inner) => [inner], 'hunter2');
    const wide = Array.from({ length: 20_000 }, () => ({ a: 'hunter2' }));
    for (const value of [
      null,
      undefined,
      1n,
      Symbol('a'),
      () => 1,
      thrower,
      deep,
      wide,
      new String('hunter2'),
    ])
      expect(inspect(redactIn(value), { depth: 200, maxArrayLength: 1e6 })).not.toContain('hunter2');
    const odd = redactIn(new DOMException('hunter2', 'AbortError'));
    expect([odd.message, odd.name, odd.code]).toEqual(['[redacted]', 'AbortError', 20]);
  });
});
