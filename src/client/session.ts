// A client's queues on one connection: the reply queue, and one for output lines where they are wanted and allowed.
import { NeedfulError } from '../contract/errors.js';
import type { Consumer, Delivery, Transport } from '../transport.js';

export interface Session {
  readonly replyQueue: string;
  /** Of the reply queue's consumer. */
  readonly tag: string;
  /** Why output lines are not heard although they are wanted. */
  readonly outputsProblem: string | null;
  /** Ends the consumers; the queues go with them. Never rejects. */
  close(): Promise<void>;
}

export interface SessionOptions {
  readonly transport: Transport;
  /** undefined: not wanted. */
  readonly output: { readonly exchange: string; readonly routingKey: string } | undefined;
  readonly onReply: (delivery: Delivery) => void;
  readonly onOutput: (delivery: Delivery) => void;
}

interface Binding {
  readonly exchange: string;
  readonly routingKey: string;
}

export async function openSession(options: SessionOptions): Promise<Session> {
  const { transport } = options;
  const replyQueue = await declareQueue(transport);
  const replies = await consume(transport, { queue: replyQueue, onDelivery: options.onReply });
  const outputs = options.output === undefined ? undefined : await hearOutputs(options, options.output);
  const { phase, address } = transport.status;
  if (phase !== 'open')
    throw new NeedfulError('CONNECTION_LOST', `the connection to ${address} ended while the client opened`, {
      retry: true,
    });
  return {
    replyQueue,
    tag: replies.tag,
    outputsProblem: outputs instanceof Error ? outputs.message : null,
    async close() {
      await replies.cancel();
      if (outputs !== undefined && !(outputs instanceof Error)) await outputs.cancel();
    },
  };
}

// Lines are for people to read: a broker without the exchange, or that refuses it, does not keep a job from being sent.
async function hearOutputs(
  { transport, onOutput }: SessionOptions,
  binding: Binding,
): Promise<Consumer | Error> {
  try {
    const queue = await declareQueue(transport, binding);
    return await consume(transport, { queue, onDelivery: onOutput });
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  }
}

// Exclusive, and gone with its consumer, so that a connection that plays many releases keeps no queue of any.
async function declareQueue(transport: Transport, binding?: Binding): Promise<string> {
  const { queues } = await transport.declare({
    exchanges: [],
    queues: [{ name: '', durable: false, exclusive: true, autoDelete: true }],
    bindings: binding === undefined ? [] : [{ ...binding, queue: '' }],
  });
  const name = queues[0]?.name ?? '';
  if (name === '')
    throw new NeedfulError('QUEUE_MISSING', 'expected a name for the reply queue, the broker gave none');
  return name;
}

function consume(
  transport: Transport,
  { queue, onDelivery }: { readonly queue: string; readonly onDelivery: (delivery: Delivery) => void },
): Promise<Consumer> {
  return transport.consume(queue, { noAck: true, exclusive: true, onDelivery });
}
