// Every story of the catalogue.
import { channelStories } from './channels.js';
import { competitionStories } from './competition.js';
import { connectionStories } from './connections.js';
import { messageStories } from './messages.js';
import { pressureStories } from './pressure.js';
import { queueStories } from './queues.js';

export const stories = [
  ...connectionStories,
  ...channelStories,
  ...queueStories,
  ...messageStories,
  ...pressureStories,
  ...competitionStories,
];
