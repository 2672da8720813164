// open, close, status, subscribe.
import { expect } from 'vitest';
import { type Cases, message } from '../bus.js';

export const openingCases: Cases = {
  'before open a transport is closed, in epoch 0, with nothing under way': async (bus) => {
    const { transport } = bus.client();
    const { phase, epoch, blocked, unconfirmedCount, unsettledCount } = transport.status;
    expect({ phase, epoch, blocked, unconfirmedCount, unsettledCount }).toEqual({
      phase: 'closed',
      epoch: 0,
      blocked: false,
      unconfirmedCount: 0,
      unsettledCount: 0,
    });
  },
  'open goes through opening to open, in epoch 1': async (bus) => {
    const { transport } = bus.client();
    const opening = transport.open();
    for (let microtask = 0; microtask < 5; microtask++) await null;
    expect(transport.status.phase).toBe('opening');
    await opening;
    expect(transport.status).toMatchObject({ phase: 'open', epoch: 1 });
  },
  'connection.opened is heard before open resolves': async (bus) => {
    const client = bus.client();
    await client.transport.open();
    expect(client.events.all).toEqual([{ type: 'connection.opened', epoch: 1 }]);
  },
  'open resolves at once while open, and nothing is opened': async (bus) => {
    const client = await bus.open();
    await client.transport.open();
    expect(client.transport.status.epoch).toBe(1);
    expect(client.log.all).toEqual(['connection.opened']);
  },
  'open joins a running attempt': async (bus) => {
    const client = bus.client();
    await Promise.all([client.transport.open(), client.transport.open(), client.transport.open()]);
    expect(client.log.all).toEqual(['connection.opened']);
    expect(client.transport.status.epoch).toBe(1);
  },
  'close resolves on a transport that was never opened': async (bus) => {
    const client = bus.client();
    await client.transport.close();
    expect(client.transport.status.phase).toBe('closed');
    expect(client.log.all).toEqual([]);
  },
  'close may be called again, meanwhile and afterwards': async (bus) => {
    const client = await bus.open();
    await Promise.all([client.transport.close(), client.transport.close()]);
    await client.transport.close();
    expect(client.log.all).toEqual(['connection.opened', 'connection.closed']);
    expect(client.transport.status.phase).toBe('closed');
  },
  'close says connection.closed without an error': async (bus) => {
    const client = await bus.open();
    await client.transport.close();
    expect(await client.heard('connection.closed')).toMatchObject({ epoch: 1, error: null });
  },
  'open after close opens again: the epoch grows by 1': async (bus) => {
    const client = await bus.open();
    await client.transport.close();
    await client.transport.open();
    expect(client.transport.status).toMatchObject({ phase: 'open', epoch: 2 });
    expect(client.log.all).toEqual(['connection.opened', 'connection.closed', 'connection.opened']);
  },
  'declare, check and consume are refused with TRANSPORT_CLOSED while closed': async (bus) => {
    const { transport } = bus.client();
    const nothing = { exchanges: [], queues: [], bindings: [] };
    const refused = { name: 'NeedfulError', code: 'TRANSPORT_CLOSED' };
    await expect(transport.declare(nothing)).rejects.toMatchObject(refused);
    await expect(transport.check(nothing)).rejects.toMatchObject(refused);
    await expect(transport.consume('q', { onDelivery: () => {} })).rejects.toMatchObject(refused);
  },
  'an observer that unsubscribed hears nothing more, the others do': async (bus) => {
    const client = bus.client();
    const heard: string[] = [];
    const unsubscribe = client.transport.subscribe((event) => heard.push(event.type));
    await client.transport.open();
    unsubscribe();
    await client.transport.close();
    expect(heard).toEqual(['connection.opened']);
    expect(client.log.all).toEqual(['connection.opened', 'connection.closed']);
  },
  'status counts open receipts and unsettled deliveries': async (bus) => {
    const client = await bus.open();
    const { transport } = client;
    const queue = await bus.queue(client);
    const receipts = [client.publish(message(queue)), client.publish(message(queue))];
    expect(transport.status.unconfirmedCount).toBe(2);
    await Promise.all(receipts);
    expect(transport.status.unconfirmedCount).toBe(0);
    const { deliveries } = await client.consume(queue, { prefetchCount: 2 });
    const [first, second] = await deliveries.first(2);
    expect(transport.status.unsettledCount).toBe(2);
    first?.settle('acknowledge');
    expect(transport.status.unsettledCount).toBe(1);
    second?.settle('acknowledge');
    expect(transport.status.unsettledCount).toBe(0);
  },
};
