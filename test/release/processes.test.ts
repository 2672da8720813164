// The main job: a release over three worker processes on RabbitMQ, judged by a foreign consumer that sees every publish.
import { mkdtemp, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Channel, type ChannelModel, type ConsumeMessage, connect } from 'amqplib';
import {
  createProtocol,
  type Message,
  type Properties,
  readMessage,
  releaseEngine,
} from 'needful-worker/contract';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { build, endAll, json, start } from '../cli/needful.js';
import { describeRabbitMQ } from '../rabbitmq.js';

const playbook = `
group: inception
execution:
  - hosts: [web01, web02, web03]
    steps:
      - noop:OutOfRotation
      - noop:Update:
          version: 1.4.2
          dynamic: [cart, environment]
          notify:
            started: { irc: ['#release'] }
            completed: { irc: ['#release'], email: [team@example.com] }
      - sleep:Seconds: { seconds: '0.01' }
      - httprequest:Get: { url: 'URL', code: 204 }
`;
const hosts = ['web01', 'web02', 'web03'];
const steps = ['noop:OutOfRotation', 'noop:Update', 'sleep:Seconds', 'httprequest:Get'];

describeRabbitMQ('a release over three worker processes', ({ available, url, private: own, management }) => {
  let connection: ChannelModel;
  let channel: Channel;
  const seen: Message[] = [];

  /** On our own node RabbitMQ's firehose, which has replies too; else what the exchange \`re\` carries. */
  async function watch(): Promise<void> {
    connection = await connect(url);
    channel = await connection.createChannel();
    await channel.assertExchange('re', 'topic', { durable: true });
    if (own) await management('/vhosts/VHOST', { method: 'PUT', body: { tracing: true } });
    const { queue } = await channel.assertQueue('', { exclusive: true });
    await channel.bindQueue(queue, own ? 'amq.rabbitmq.trace' : 're', own ? 'publish.#' : '#');
    const take = (given: ConsumeMessage | null) => {
      const message = given && (own ? traced(given) : plain(given));
      // What a worker asks the broker before it listens is no message of a job.
      if (message && !message.routingKey.startsWith('needful-probe-')) seen.push(message);
    };
    await channel.consume(queue, take, { noAck: true });
  }

  /** All publishers have gone, so what the broker carries now comes after everything they sent. */
  async function everythingSeen(): Promise<void> {
    channel.publish('re', 'last', Buffer.from(''));
    await expect.poll(() => seen.at(-1)?.routingKey).toBe('last');
    seen.pop();
  }

  beforeAll(async () => {
    await build();
    if (available) await watch();
  });
  afterEach(endAll);
  afterAll(async () => {
    await connection?.close();
  });

  it('plays 12 jobs on 3 hosts, with notifications and dynamic values, as the protocol says', async () => {
    const server = createServer((_, response) => response.writeHead(204).end()).listen(0, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
    const port = (server.address() as { port: number }).port;
    const workers = ['noop', 'sleep', 'httprequest'].map((name) =>
      start(['run', name, '--amqp', url, '--declare', '--json']),
    );
    await Promise.all(workers.map((worker) => worker.line(/"type":"listening"/)));

    const file = await writePlaybook(playbook.replace('URL', `http://127.0.0.1:${port}/`));
    const dynamic = ['--dynamic', 'cart=bitmath', '--dynamic', 'environment=qa'];
    const release = start(['release', file, '--amqp', url, '--json', ...dynamic]);
    expect(await release.exit, release.stderr()).toBe(0);
    const released = release.stdout().trim().split('\n').map(json);
    const id = released.map((event) => event.release).find((value) => typeof value === 'string');

    for (const worker of workers) worker.child.kill('SIGTERM');
    expect(await Promise.all(workers.map((worker) => worker.exit))).toEqual([0, 0, 0]);
    server.close();
    await everythingSeen();

    const jobs = seen.filter(({ routingKey }) => routingKey.startsWith('worker.'));
    const asked = jobs.map(({ body }) => JSON.parse(Buffer.from(body).toString()) as JobBody);
    expect(asked.map(({ parameters: p }) => `${p.hosts[0]} ${p.command}:${p.subcommand}`)).toEqual(
      hosts.flatMap((host) => steps.map((step) => `${host} ${step}`)),
    );
    for (const { dynamic: values, group } of asked) {
      expect({ values, group }).toEqual({
        values: { cart: 'bitmath', environment: 'qa' },
        group: 'inception',
      });
    }
    const of = (key: string) => seen.filter(({ routingKey }) => routingKey === key);
    const phases = (key: string) =>
      of(key).map(({ properties: { appId = 'engine' }, body }) => {
        return `${appId} ${(JSON.parse(Buffer.from(body).toString()) as { phase: string }).phase}`;
      });
    const everyHost = (one: string[]) => hosts.flatMap(() => one).sort();
    expect(phases('notify.irc').sort()).toEqual(
      everyHost(['engine started', 'engine completed', 'noopworker started', 'noopworker completed']),
    );
    expect(phases('notify.email').sort()).toEqual(everyHost(['engine completed', 'noopworker completed']));
    expect(of('output').length).toBeGreaterThanOrEqual(2 * 12);
    expect(new Set(seen.map(({ properties }) => properties.correlationId))).toEqual(new Set([id]));

    if (!own) return;
    const protocol = createProtocol({ ordered: false });
    for (const message of seen) {
      const event = readMessage(message);
      if (event) protocol.observe(event);
    }
    protocol.end();
    expect(protocol.violations).toEqual([]);
    expect(protocol.counts).toMatchObject({ jobs: 12, finals: 12 });
    const replies = seen.filter(({ exchange }) => exchange === '');
    const statuses = replies.map((reply) => releaseEngine.decodeReply({ ...reply, headersReadable: true }));
    expect(statuses.map((reply) => reply.ok && reply.value.status)).toEqual(
      jobs.flatMap(() => ['started', 'completed']),
    );
  }, 60_000);
});

interface JobBody {
  readonly group: string;
  readonly dynamic: Record<string, unknown>;
  readonly parameters: { readonly hosts: string[]; readonly command: string; readonly subcommand: string };
}

async function writePlaybook(text: string): Promise<string> {
  const file = join(await mkdtemp(join(tmpdir(), 'needful-')), 'release.yaml');
  await writeFile(file, text);
  return file;
}

const plain = ({ fields, properties, content }: ConsumeMessage): Message => ({
  exchange: fields.exchange,
  routingKey: fields.routingKey,
  body: content,
  properties: properties as Properties,
  mandatory: false,
});

/** A message of the firehose: what was published stands in its headers. */
function traced({ properties: { headers = {} }, content }: ConsumeMessage): Message {
  const inner = headers.properties as Record<string, string>;
  const entries: [keyof Properties, string | undefined][] = [
    ['correlationId', inner.correlation_id],
    ['replyTo', inner.reply_to],
    ['appId', inner.app_id],
    ['messageId', inner.message_id],
    ['contentType', inner.content_type],
  ];
  return {
    exchange: headers.exchange_name as string,
    routingKey: (headers.routing_keys as string[])[0] ?? '',
    body: content,
    properties: Object.fromEntries(entries.filter(([, value]) => value !== undefined)),
    mandatory: false,
  };
}
