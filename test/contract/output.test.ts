// Output lines and notifications: what people read.
import { describe, expect, it } from 'vitest';
import { notificationSchema, outputSchema } from '../../src/contract/output.js';
import { releaseEngine } from '../../src/contract/release-engine.js';
import { address, arrived, bodyOf, received } from './received.js';

const sender = { address, appId: 'noopworker' };

describe('encodeOutput', () => {
  const line = (message: unknown) => releaseEngine.encodeOutput(message, sender);

  it('sends the message and nothing else to the output key', () => {
    expect(line('a\n\n')).toMatchObject({ ...releaseEngine.output, mandatory: false });
    expect(bodyOf(line('a\n\n'))).toEqual({ message: 'a\n\n' });
    expect(bodyOf(line({ a: [1] }))).toEqual({ message: { a: [1] } });
  });

  it('never throws', () => {
    const loop: unknown[] = [];
    loop.push(loop);
    expect([loop, 1n, undefined, () => 1].map((value) => bodyOf(line(value)))).toEqual([
      { message: '(an array that cannot be JSON)' },
      { message: '(a bigint that cannot be JSON)' },
      { message: '(nothing that cannot be JSON)' },
      { message: '(a function that cannot be JSON)' },
    ]);
  });

  it('is read back by decodeOutput, which refuses a body without a message, as outputSchema does', () => {
    expect(releaseEngine.decodeOutput(arrived(line('x')))).toEqual({ ok: true, value: 'x' });
    expect(outputSchema.safeParse({ message: 'x' }).success).toBe(true);
    expect(releaseEngine.decodeOutput(received({}))).toMatchObject({
      problem: { code: 'OUTPUT_MALFORMED' },
    });
    expect(outputSchema.safeParse({}).success).toBe(false);
  });
});

describe('encodeNotification', () => {
  const told = (slug: string, target: unknown = ['#x']) =>
    releaseEngine.encodeNotification(
      { phase: 'failed', transport: 'irc', slug, message: 'm', target },
      { ...sender, exchange: 're' },
    );

  it('goes to the transport’s key on the exchange it is given', () => {
    expect(told('s')).toMatchObject({ exchange: 're', routingKey: 'notify.irc', mandatory: false });
    expect(bodyOf(told('s'))).toEqual({ slug: 's', message: 'm', phase: 'failed', target: ['#x'] });
    expect(notificationSchema.safeParse(bodyOf(told('s'))).success).toBe(true);
  });

  it('passes a target on as it is', () => {
    for (const target of ['#x', null, [], 1]) expect(bodyOf(told('s', target))).toMatchObject({ target });
  });

  it('cuts the slug to 80 characters, none of them in half', () => {
    expect(bodyOf(told('a'.repeat(81)))).toMatchObject({ slug: 'a'.repeat(80) });
    expect(bodyOf(told('😀'.repeat(100)))).toMatchObject({ slug: '😀'.repeat(80) });
    expect(bodyOf(told(`a${'😀'.repeat(60)}`))).toMatchObject({ slug: `a${'😀'.repeat(60)}` });
  });
});
