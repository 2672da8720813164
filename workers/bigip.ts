// Works an F5 BIG-IP through iControl REST, as the original's BigIP worker does: hosts go into rotation and out of it,
// configurations are handed to the devices of a group. Each step is a machine of its own.
import { readFileSync } from 'node:fs';
import { configure, defineWorker, secret } from 'needful-worker';
import { z } from 'zod';
import { configSync } from './bigip/config-sync.js';
import { rotation } from './bigip/rotation.js';

const duration = z.int().min(0).max(2_147_483_647);

const environment = z.strictObject({
  /** Of the BIG-IP on which changes are made. */
  url: z.string().refine(isAddress, 'expected https://HOST or https://HOST:PORT'),
  username: z.string().min(1),
  password: secret(z.string().min(1)),
  /** Who checks the password: `tmos`, also for users of a directory that the BIG-IP asks. */
  loginProvider: z.string().min(1).default('tmos'),
  /** The device group of ConfigSync. A blank would begin another argument. */
  group: z
    .string()
    .regex(/^[\w./-]+$/, 'expected the name of a device group')
    .optional(),
  /** A file of certificates to trust, as PEM. Default: those of the system. */
  ca: z.string().transform(contentOf).optional(),
  /** false: any certificate is believed, and whoever is in between reads the password. */
  verify: z.boolean().default(true),
});

const config = z.strictObject({
  environments: z
    .record(z.string().regex(/^[\w.-]+$/), environment)
    .refine((all) => Object.keys(all).length > 0, 'expected at least one environment'),
  /** What happens to a host that goes out: `disabled` still takes connections of persistent sessions. */
  outOfRotation: z.enum(['disabled', 'forcedOffline']).default('forcedOffline'),
  pollMs: duration.default(2_000),
  pollCount: z.int().min(1).default(300),
  retryMs: duration.default(10_000),
  retryCount: z.int().min(0).default(30),
  deadlineMs: duration.min(1).default(3_600_000),
});

export default configure(config, (plan) =>
  defineWorker({
    name: 'bigip',
    steps: {
      InRotation: rotation('in', plan),
      OutOfRotation: rotation('out', plan),
      ConfigSync: configSync(plan),
    },
  }),
);

/** Where nothing leaves the machine, the password may go unencrypted. */
function isAddress(text: string): boolean {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url === null || url.username !== '' || url.password !== '' || url.pathname !== '/') return false;
  const isHere = ['127.0.0.1', '[::1]', 'localhost'].includes(url.hostname);
  return url.search === '' && (url.protocol === 'https:' || (url.protocol === 'http:' && isHere));
}

function contentOf(path: string, { addIssue }: z.core.$RefinementCtx): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    addIssue({ code: 'custom', message: 'expected a file that can be read' });
    return z.NEVER;
  }
}
