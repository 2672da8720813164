// Section 1.4 of the catalogue: back pressure, poison, replacement.
import { afterAll, beforeAll } from 'vitest';
import { build, endAll } from '../cli/needful.js';
import { competitionStories } from './competition.js';
import { pressureStories } from './pressure.js';
import { tellStories } from './stories.js';

beforeAll(build);
afterAll(endAll);

tellStories('back pressure, poison, replacement', [...pressureStories, ...competitionStories]);
