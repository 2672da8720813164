// The client's runtime.
import type { Client, ClientOptions } from './client.js';

/** An engine for programs: sends jobs over a transport and yields their replies. */
export declare function createClient(options: ClientOptions): Client;
