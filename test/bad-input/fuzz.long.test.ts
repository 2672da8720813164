// Inputs by the ten thousand.
import { fuzz } from './fuzz-suite.js';
import { drawn } from './seed.js';

fuzz({ parameters: (isRabbitMQ) => drawn(isRabbitMQ ? 40 : 200), longestMs: 600_000 });
