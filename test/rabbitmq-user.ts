// A user of the RabbitMQ of this run, with permissions of its own in this file's virtual host.
import { randomBytes } from 'node:crypto';
import type { TestBroker } from './rabbitmq.js';

export interface Permissions {
  readonly configure: string;
  readonly write: string;
  readonly read: string;
}

export interface TestUser {
  readonly name: string;
  /** Of the virtual host, as this user. */
  readonly url: string;
  permit(permissions: Permissions): Promise<void>;
  changePassword(password: string): Promise<void>;
  remove(): Promise<void>;
}

/** Only where the broker is private. */
export async function createUser(broker: TestBroker, permissions: Permissions): Promise<TestUser> {
  const name = `user-${randomBytes(4).toString('hex')}`;
  const path = `/users/${name}`;
  const changePassword = async (password: string) => {
    await broker.management(path, { method: 'PUT', body: { password, tags: '' } });
  };
  const permit = async (body: Permissions) => {
    await broker.management(`/permissions/VHOST/${name}`, { method: 'PUT', body });
  };
  await changePassword('first');
  await permit(permissions);
  const url = new URL(broker.url);
  url.username = name;
  url.password = 'first';
  return {
    name,
    url: url.href,
    permit,
    changePassword,
    remove: async () => void (await broker.management(path, { method: 'DELETE' })),
  };
}
