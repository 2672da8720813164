// Messages as they cross a bus, in AMQP's words. No library's types: adapters translate to and from these.

/**
 * The AMQP 0-9-1 basic properties (section 1.8.3.1 of its reference). A property that is absent is undefined.
 */
export interface Properties {
  readonly contentType?: string;
  readonly contentEncoding?: string;
  readonly correlationId?: string;
  readonly replyTo?: string;
  readonly messageId?: string;
  readonly appId?: string;
  readonly type?: string;
  /** Seconds since 1970. */
  readonly timestamp?: number;
  readonly priority?: number;
  /** Written to disk by a broker that keeps a durable queue. Default: transient. */
  readonly persistent?: boolean;
  readonly headers?: Readonly<Record<string, unknown>>;
}

/** What is published. */
export interface Message {
  /** '' is the default exchange: the routing key is then a queue's name. */
  readonly exchange: string;
  readonly routingKey: string;
  readonly body: Uint8Array;
  readonly properties: Properties;
  /** The broker returns the message when no queue takes it. Only seen by a publish with a receipt. */
  readonly mandatory: boolean;
}

/** What came in, as far as reading it goes; settling is the transport's. */
export interface Received {
  readonly body: Uint8Array;
  readonly properties: Properties;
  readonly exchange: string;
  readonly routingKey: string;
  /** False when the headers table could not be decoded; `properties.headers` is undefined then. */
  readonly headersReadable: boolean;
}
