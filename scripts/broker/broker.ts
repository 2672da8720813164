// What a broker for tests is, wherever it comes from.

export interface BrokerOptions {
  /** Starts the management plugin too, on a loopback port; it takes longer. Default false. Ignored for AMQP_URL. */
  readonly management?: boolean;
  /** AMQP port of a private node. Default: a free one. */
  readonly port?: number;
  /** Gets a line for each thing that takes time or changes the machine. Default: standard error. */
  readonly log?: (line: string) => unknown;
}

export interface Broker {
  /** `external`: AMQP_URL; `node`: RabbitMQ on this machine, started for us alone; `docker`: a container of our own. */
  readonly kind: 'external' | 'node' | 'docker';
  readonly url: string;
  /** With user and password; only where the management plugin was asked for. */
  readonly managementUrl?: string;
  /** Whether it is ours alone, to harm and to fill. */
  readonly private: boolean;
  /** Of what runs for us, by name; empty for an external broker. */
  readonly pids: Readonly<Record<string, number>>;
  /** All loopback ports that are in use as long as it runs; empty for an external broker. */
  readonly ports: readonly number[];
  /** Standard output of `rabbitmqctl ARGS`. Takes about a second. Rejects on an external broker. */
  rabbitmqctl(...args: readonly string[]): Promise<string>;
  /** Ends the node as a power cut would. Rejects where it is no node on this machine. */
  crash(): Promise<void>;
  /** Starts it again after `crash`, on the same ports and data; resolves when it is ready. */
  revive(): Promise<void>;
  /** Ends what runs for us and removes its folder, in at most 10 s. Nothing for an external broker. */
  stop(): Promise<void>;
}
