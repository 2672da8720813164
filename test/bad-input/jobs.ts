// What a bad job is in these tests, and the worker that it comes to.
import { z } from 'zod';
import type { Acknowledge } from '../../machines/index.js';
import type { ErrorCode } from '../../src/contract/errors.js';
import type { Properties } from '../../src/contract/message.js';
import { defineWorker, numeric, type Worker } from '../../src/index.js';
import type { RawProperties } from './raw-publish.js';
import type { RowNumber } from './rows.js';

export const replyQueue = 'engine.bad-input';

/** Its steps trust what they are given, as steps may. */
export function probe(acknowledge: Acknowledge, name = 'probe'): Worker {
  return defineWorker({
    name,
    acknowledge,
    steps: {
      Seconds: {
        parameters: z.object({ seconds: numeric().pipe(z.number().min(0)) }),
        run: ({ parameters }) => parameters.seconds,
      },
      Cart: { dynamic: z.object({ cart: z.string() }), run: ({ dynamic }) => dynamic.cart },
      OnHosts: { hosts: 'required', run: ({ hosts }) => hosts.length },
      Tell: { run: ({ notify }) => notify('completed', { slug: 'done', message: 'it was done' }) },
    },
  }) as Worker;
}

/** `data` of the completed reply; or the code of the one `failed`, and its words; or that nobody can be told. */
export type End =
  | { readonly completed: unknown }
  | { readonly refused: ErrorCode; readonly words: RegExp }
  | { readonly muted: ErrorCode }
  | 'gone';

export interface BadJob {
  /** Begins with the number of its row, if it has one. */
  readonly name: string;
  readonly body: string | Uint8Array;
  /** Instead of the good job's, which has reply address and correlation id. */
  readonly properties: (correlationId: string) => Properties;
  readonly end: End;
  /** On replies; null: none. Default: the one it was sent with. */
  readonly repliesWith?: string | null;
  /** Notifications: routing key and target. Default: none is looked for. */
  readonly notified?: readonly { readonly routingKey: string; readonly target: unknown }[];
  /** Properties that no client library writes: sent byte by byte, to RabbitMQ alone. */
  readonly raw?: RawProperties;
  /** It was delivered before, to nobody. */
  readonly redelivered?: true;
}

const parameters = { command: 'probe', subcommand: 'Seconds', seconds: 0, hosts: ['h'] };
const goodBody = { group: 'g', parameters, dynamic: {}, notify: {} };
export const good = JSON.stringify(goodBody);
export const addressed = (correlationId: string): Properties => ({ replyTo: replyQueue, correlationId });

export type CaseName = `${RowNumber} ${string}`;

/** A name without a number is a case beyond the rows. */
export function job(
  name: CaseName | `- ${string}`,
  body: BadJob['body'],
  end: End,
  more: Properties | Omit<Partial<BadJob>, 'name' | 'body' | 'end'> = {},
): BadJob {
  const isProperties = !(
    'properties' in more ||
    'notified' in more ||
    'raw' in more ||
    'redelivered' in more
  );
  const own = isProperties ? (more as Properties) : {};
  return {
    name: name.replace('- ', ''),
    body,
    end,
    properties: (correlationId) => ({ ...addressed(correlationId), ...own }),
    ...(isProperties ? {} : more),
  };
}

export const refused = (code: ErrorCode, words: RegExp): End => ({ refused: code, words });
export const malformed = (words: RegExp) => refused('JOB_MALFORMED', words);
export const fine: End = { completed: 0 };

export const withMembers = (members: object) => JSON.stringify({ ...goodBody, ...members });
export const withParameters = (members: object) => withMembers({ parameters: { ...parameters, ...members } });
/** The text in place of the good job's seconds, since not all of it can be made with JSON.stringify. */
export const inPlace = (members: string) => good.replace('"seconds":0', () => members);
