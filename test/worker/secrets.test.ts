// Promise I8: no secret leaves the process of a worker, whatever its steps, its jobs and its users do with it.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { createAmqpTransport } from '../../adapters/amqp/index.js';
import { rememberSecret } from '../../src/contract/secrets.js';
import { configure } from '../../src/worker/configure.js';
import { defineWorker } from '../../src/worker/define-worker.js';
import { secret } from '../../src/worker/marked-secrets.js';
import { formsOf, secretText } from '../contract/secret-forms.js';
import { doors, type Leaving, play } from './secret-scene.js';

const digits = fc.stringMatching(/^[1-9][0-9]{9,11}$/);
const secrets = fc.oneof({ arbitrary: secretText(), weight: 4 }, { arbitrary: digits, weight: 1 });

/** Who is told a secret, and in which form. */
const tellings = fc.record({
  text: secrets,
  other: secrets,
  form: fc.nat(),
  how: fc.constantFrom('url', 'server', 'configuration', 'list', 'program'),
});
type Telling = typeof tellings extends fc.Arbitrary<infer T> ? T : never;

const define = () => defineWorker({ name: 'x', steps: { A: { run: () => 1 } } });
const told: Record<Telling['how'], (text: string) => void> = {
  url(text) {
    try {
      createAmqpTransport({ url: `amqp://user:${encodeURIComponent(text)}@h:1/v` });
    } catch (error) {
      // An address that is refused has told its password all the same.
      expect(error).toMatchObject({ code: 'ADDRESS_INVALID' });
    }
  },
  server(password) {
    const server = { tls: false, host: 'h', port: 1, vhost: '/', user: 'user', password };
    createAmqpTransport({ server });
  },
  configuration: (text) =>
    configure(z.object({ a: z.object({ b: secret(z.string()) }) }), define)({ a: { b: text } }),
  list: (text) =>
    configure(
      z.record(z.string(), z.array(z.string().meta({ secret: true }).min(1).optional())),
      define,
    )({ a: [text] }),
  program: (text) => void rememberSecret(text),
};

const form = (text: string, at: number) => formsOf(text)[at % formsOf(text).length]?.[1] ?? '';

const telling = (left: readonly Leaving[], text: string) =>
  formsOf(text).flatMap(([name, form]) =>
    left.filter(({ text }) => text.includes(form)).map(({ door, text }) => ({ door, name, text })),
  );

describe('I8 a secret of the process', () => {
  it('I8 is in nothing that leaves it: replies, lines, notifications, dead letters, log, frames, transitions, errors', async () => {
    await fc.assert(
      fc.asyncProperty(tellings, async ({ text, other, form: at, how }) => {
        told[how](text);
        told.program(other);
        const left = await play({ tell: form(text, at), planted: form(other, at + 1), id: `job ${text}` });
        expect(telling(left, text).concat(telling(left, other))).toEqual([]);
        for (const door of doors)
          expect(left.some((one) => one.door === door && one.text.includes('[redacted]'))).toBe(true);
      }),
      { seed: 8, numRuns: 10 },
    );
  }, 120_000);

  it('I8 would be seen at every door if nobody knew it', async () => {
    const left = await play({ tell: 'nobody-knows-me', planted: 'nor-this-one', id: 'this-is-secret' });
    const found = new Set(
      [...telling(left, 'nobody-knows-me'), ...telling(left, 'nor-this-one')].map(({ door }) => door),
    );
    expect([...found].sort()).toEqual([...doors].sort());
  });
});
