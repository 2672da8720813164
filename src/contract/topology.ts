// What exists on a broker: exchanges, queues and bindings, as data that can be declared, checked or printed.

export interface ExchangeSpec {
  readonly name: string;
  readonly type: 'topic' | 'direct' | 'fanout' | 'headers';
  readonly durable: boolean;
}

export interface QueueSpec {
  /** '' lets the broker choose a name. */
  readonly name: string;
  readonly durable: boolean;
  /** Only this connection may use it; it goes with the connection. */
  readonly exclusive?: boolean;
  readonly autoDelete?: boolean;
  readonly arguments?: Readonly<Record<string, unknown>>;
}

export interface BindingSpec {
  readonly exchange: string;
  /** '' stands for the queue of the same topology whose name the broker chooses. */
  readonly queue: string;
  readonly routingKey: string;
}

export interface Topology {
  readonly exchanges: readonly ExchangeSpec[];
  readonly queues: readonly QueueSpec[];
  readonly bindings: readonly BindingSpec[];
}

/** One thing in which a broker differs from a topology; `unknown` where AMQP has no way to tell. */
export interface Difference {
  readonly kind: 'exchange' | 'queue' | 'binding';
  readonly name: string;
  readonly found: 'missing' | 'different' | 'unknown';
  /** The broker's own words, or what cannot be told and why. */
  readonly detail: string;
}
