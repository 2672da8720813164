// The nodes of a cluster: who is tried when. One broker behind several ports stands in for a cluster.
import { createServer } from 'node:net';
import { afterEach, expect, it } from 'vitest';
import { createAmqpTransport, parseAmqpUrl } from '../../../adapters/amqp/index.js';
import { describeRabbitMQ } from '../../rabbitmq.js';
import { Client } from '../bus.js';
import { listen, proxy } from './peer.js';

const ends: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

async function nobody(): Promise<number> {
  const { port, close } = await listen(createServer());
  await close();
  return port;
}

function client(server: ReturnType<typeof parseAmqpUrl>): Client {
  const made = new Client(createAmqpTransport({ server }), 'client');
  ends.push(() => made.transport.close());
  return made;
}

it('when no node answers, the error names all of them, and trying again makes sense', async () => {
  const [one, two] = [await nobody(), await nobody()];
  const { transport } = client(parseAmqpUrl(`amqp://ann:hush@127.0.0.1:${one},127.0.0.1:${two}`));
  const error = await transport.open().catch((reason: unknown) => reason);
  expect(error).toMatchObject({ code: 'BROKER_UNREACHABLE', retry: true });
  expect(error).toMatchObject({ message: expect.stringMatching(new RegExp(`:${one} .*:${two} `)) });
  expect(String(error)).not.toContain('hush');
  expect(transport.status.address).toBe(`amqp://ann@127.0.0.1:${one},127.0.0.1:${two}/`);
});

describeRabbitMQ('a RabbitMQ of several nodes', ({ url }) => {
  const address = parseAmqpUrl(url);
  const door = async () => {
    const link = await proxy(new URL(`tcp://${address.host}:${address.port}`));
    ends.push(() => link.close());
    return link;
  };
  const behind = (first: number, ...others: readonly number[]) => ({
    ...address,
    host: '127.0.0.1',
    port: first,
    others: others.map((port) => ({ host: '127.0.0.1', port })),
  });

  it('is reached by the first node that can be used', async () => {
    const [dead, alive] = [await nobody(), await door()];
    const { transport } = client(behind(dead, alive.port));
    await transport.open();
    expect(transport.status).toMatchObject({ phase: 'open', epoch: 1 });
  });

  it('is reached by the next node after a loss, and by the first again after another', async () => {
    const [one, two] = [await door(), await door()];
    const { transport, events, log } = client(behind(one.port, two.port));
    await transport.open();
    for (const [count, link] of [one, two, one].entries()) {
      link.reset();
      await events.first(count + 1, ({ type }) => type === 'connection.closed');
      await transport.open();
    }
    const round = ['connection.opened', 'connection.closed'];
    expect(log.all).toEqual([...round, ...round, ...round, 'connection.opened']);
  });

  it('that refuses at every node says so: there is no use in trying again', async () => {
    const [one, two] = [await door(), await door()];
    const { transport } = client({ ...behind(one.port, two.port), password: 'wrong' });
    await expect(transport.open()).rejects.toMatchObject({ code: 'ACCESS_REFUSED', retry: false });
  });
});
