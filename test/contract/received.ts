// Deliveries as tests make them: a body and properties, everything else as a Release Engine's job has it.

import fc from 'fast-check';
import type { Message, Properties, Received } from '../../src/contract/message.js';
import type { Address } from '../../src/contract/message-format.js';

export const limits = { bodyLimitBytes: 8 * 1024 * 1024, depthLimit: 64, valueLimit: 100_000 };

export const address: Address = { replyTo: 'amq.gen-reply', correlationId: '6b04c4a9686c82534fc516f8' };

export const goodJob = {
  group: 'g',
  parameters: { command: 'sleep', subcommand: 'Seconds', seconds: 0, hosts: ['h'] },
  dynamic: {},
  notify: {},
};

/** A delivery with this body: bytes and text as they are, anything else as JSON. */
export function received(body: unknown, properties?: Properties): Received {
  return {
    body: body instanceof Uint8Array ? body : bytesOf(body),
    properties: properties ?? { replyTo: 'amq.gen-reply', correlationId: '6b04c4a9686c82534fc516f8' },
    exchange: 're',
    routingKey: 'worker.sleep',
    headersReadable: true,
  };
}

function bytesOf(body: unknown): Uint8Array {
  return new TextEncoder().encode(typeof body === 'string' ? body : JSON.stringify(body));
}

/** The good job with members of its own. */
export function jobWith(members: object, parameters: object = {}): object {
  return { ...goodJob, ...members, parameters: { ...goodJob.parameters, ...parameters } };
}

/** What a published message is when it arrives. */
export function arrived({ body, properties, exchange, routingKey }: Message): Received {
  return { body, properties, exchange, routingKey, headersReadable: true };
}

export function bodyOf(message: { readonly body: Uint8Array }): unknown {
  return JSON.parse(new TextDecoder().decode(message.body));
}

/** Any JSON but for the one key that is read and never kept. */
export const json = fc
  .jsonValue({ maxDepth: 4 })
  .filter((value) => !JSON.stringify(value).includes('__proto__'));
