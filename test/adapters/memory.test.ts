import { createMemoryBroker } from '../../adapters/memory/index.js';
import { conformance } from './conformance.js';

conformance('the embedded broker', async () => {
  const broker = createMemoryBroker();
  let named = 0;
  return {
    connect: (name) => broker.connect(name === undefined ? {} : { name }),
    cut: async (name) => broker.cut(name),
    block: async () => broker.block(),
    unblock: async () => broker.unblock(),
    deleteQueue: async (name) => void broker.deleteQueue(name),
    queue: async (name) => broker.queue(name),
    unique: (prefix) => `${prefix}-${++named}`,
    stop: async () => broker.cut(),
  };
});
