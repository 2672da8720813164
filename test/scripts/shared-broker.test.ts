// What a test file gets of the one broker of a run.
import { connect } from 'amqplib';
import { expect, it } from 'vitest';
import { describeRabbitMQ } from '../rabbitmq.js';

describeRabbitMQ('the shared broker', (broker) => {
  it('opens to the URL, where a queue can be declared and nothing is yet', async () => {
    const connection = await connect(broker.url);
    const channel = await connection.createChannel();
    const { messageCount } = await channel.assertQueue('worker.noop', { durable: true });
    expect(messageCount).toBe(0);
    await channel.deleteQueue('worker.noop');
    await connection.close();
  });

  if (broker.private) {
    it('tells its own about the virtual host of this file', async () => {
      expect(await broker.management('/vhosts/VHOST')).toMatchObject({ name: broker.vhost });
      await expect(broker.management('/vhosts/none')).rejects.toThrow('GET /vhosts/none: 404');
      expect(await broker.rabbitmqctl('list_vhosts', 'name')).toContain(broker.vhost);
      await expect(broker.rabbitmqctl('list_nonsense')).rejects.toThrow('rabbitmqctl');
    });
  } else {
    it('has no rabbitmqctl where it is not ours', async () => {
      await expect(broker.rabbitmqctl('status')).rejects.toThrow('works on a private node only');
    });
  }
});
