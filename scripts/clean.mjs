// Empties dist before a build, so that a file that was renamed does not live on there.
import { rm } from 'node:fs/promises';

await rm(new URL('../dist', import.meta.url), { recursive: true, force: true });
