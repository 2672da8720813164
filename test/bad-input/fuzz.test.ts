// Inputs by the thousand.
import { fuzz } from './fuzz-suite.js';
import { longestMs, seeded } from './seed.js';

fuzz({ parameters: (isRabbitMQ) => seeded(isRabbitMQ ? 3 : 12), longestMs });
