// Section 1.2 of the catalogue: connections that are lost, and how a worker notices and comes back.
import { connectionStories } from './connections.js';
import { tellStories } from './stories.js';

tellStories('connections that are lost', connectionStories);
