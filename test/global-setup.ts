// One broker for the whole run, started when the first test file asks for it. This process keeps it; the files, which run in
// others, reach it through a small HTTP door on loopback. What they see of it: rabbitmq.ts.
import { randomBytes } from 'node:crypto';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { TestProject } from 'vitest/node';
import { type Broker, NoBroker, prepareBroker, startBroker } from '../scripts/broker.js';

declare module 'vitest' {
  interface ProvidedContext {
    /**
     * POST `broker` answers with a SharedBroker; `rabbitmqctl` takes its arguments and answers with its output;
     * `noPrivateBroker` says why no private node can be started here, and what to do, '' where one can.
     */
    brokerDoor: string;
  }
}

/** What the door says of the broker. Without `url` there is none. */
export interface SharedBroker {
  readonly url?: string;
  readonly managementUrl?: string;
  readonly private?: boolean;
  /** Reason and remedy. */
  readonly missing?: string;
}

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  let broker: Promise<Broker> | undefined;
  const shared = () => {
    broker ??= startBroker({ management: true });
    return broker;
  };
  // The path is a secret: rabbitmqctl is not for everybody on this machine.
  const secret = randomBytes(12).toString('hex');
  const answers: Readonly<Record<string, (args: readonly string[]) => Promise<unknown>>> = {
    broker: () => shared().then(describe, missing),
    noPrivateBroker: whyNoPrivateBroker,
    rabbitmqctl: async (args) => (await shared()).rabbitmqctl(...args),
  };
  const server = createServer(async (request, response) => {
    const [, word = '', name = ''] = request.url?.split('/') ?? [];
    const answer = word === secret ? answers[name] : undefined;
    if (answer === undefined) return void response.writeHead(404).end();
    try {
      response.end(JSON.stringify(await answer(await readArguments(request))));
    } catch (error) {
      response.writeHead(500).end(JSON.stringify(String(error)));
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  project.provide('brokerDoor', `http://127.0.0.1:${port}/${secret}`);
  return async () => {
    server.closeAllConnections();
    server.close();
    await broker?.then((started) => started.stop()).catch(() => undefined);
  };
}

function describe({ url, managementUrl, private: isPrivate }: Broker): SharedBroker {
  return { url, private: isPrivate, ...(managementUrl === undefined ? {} : { managementUrl }) };
}

// One that is there and does not start is no reason to skip anything: that error goes to the test file.
function missing(error: unknown): SharedBroker {
  if (error instanceof NoBroker) return { missing: error.message };
  throw error;
}

async function whyNoPrivateBroker(): Promise<string> {
  const found = await prepareBroker({ ...process.env, AMQP_URL: undefined });
  return found.kind === 'none' ? `${found.reason}. Remedy: ${found.remedy}` : '';
}

async function readArguments(request: IncomingMessage): Promise<string[]> {
  let text = '';
  for await (const part of request.setEncoding('utf8')) text += part;
  const value: unknown = text === '' ? [] : JSON.parse(text);
  return Array.isArray(value) ? value.map(String) : [];
}
