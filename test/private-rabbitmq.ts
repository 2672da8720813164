// Brokers that a test may harm: nodes of its own, never the one of AMQP_URL. And what tests without any broker do: they are
// skipped, with CI=true they fail; both say reason and remedy.
import { describe, inject, it } from 'vitest';
import { type Broker, type BrokerOptions, startPrivateBroker } from '../scripts/broker.js';
import type {} from './global-setup.js';

const missing = await ask<string>('noPrivateBroker');

/** As `describe`, for tests that harm a broker. Each `start` is a node of its own and takes 5 to 10 s. */
export function describePrivateRabbitMQ(name: string, body: (start: typeof privateBroker) => void): void {
  describeWith({ name, missing, body: () => body(privateBroker) });
}

/** Starts a node of your own; stop it in `afterAll`. It ends with this process at the latest. */
export function privateBroker(options: BrokerOptions = {}): Promise<Broker> {
  return startPrivateBroker(options);
}

/** `missing`: why there is no broker and what to do; '': there is one. `body` runs in any case, to collect its tests. */
export function describeWith(suite: { name: string; missing: string; body: () => void }): void {
  if (suite.missing === '') return void describe(suite.name, suite.body);
  describe.skip(`${suite.name} [skipped: ${suite.missing}]`, suite.body);
  if (process.env.CI !== 'true') return;
  it(`${suite.name} has a RabbitMQ`, () => {
    throw new Error(`with CI=true a missing RabbitMQ is a failure: ${suite.missing}`);
  });
}

/** Asks the process that keeps the broker of this run; see ProvidedContext. */
export async function ask<T>(question: string, args: readonly string[] = []): Promise<T> {
  const response = await fetch(`${inject('brokerDoor')}/${question}`, {
    method: 'POST',
    body: JSON.stringify(args),
  });
  const answer: unknown = await response.json();
  if (!response.ok) throw new Error(String(answer));
  return answer as T;
}
