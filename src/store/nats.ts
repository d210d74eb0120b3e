import { readFileSync } from 'node:fs';
import { hostname } from 'node:os';
import {
  type ConnectionOptions,
  connect,
  credsAuthenticator,
  type NatsConnection,
  type TlsOptions,
} from '@nats-io/transport-node';
import { SECOND } from '../lib/duration.ts';
import { createListeners } from '../lib/listeners.ts';
import type { Logger } from '../lib/logger.ts';
import { NATS_URL_FORM, parseNatsUrl } from './nats-url.ts';

export interface NatsOptions {
  /** See `parseNatsUrl`. */
  readonly url: string;
  /** A `.creds` file (JWT and key), in the place of a user in the URL. */
  readonly credentialsFile?: string | undefined;
  /** PEM files: whom to trust, and who we are. Each of them insists on TLS. */
  readonly caFile?: string | undefined;
  readonly certificateFile?: string | undefined;
  readonly keyFile?: string | undefined;
  /** How many servers keep each thing; 1 by default. More than one asks for servers that can: see `OLDEST_FOR_COPIES`. */
  readonly replicas?: number;
  /** Whether what is missing stays missing: no stream is made. */
  readonly onlyLooks?: boolean;
  readonly logger: Logger;
}

/** One connection to the cluster for the whole process; it comes back by itself, for as long as it takes. */
export interface Nats {
  readonly connection: NatsConnection;
  readonly onlyLooks: boolean;
  /** False while there is no server to send to: what is sent then waits in memory. */
  readonly isConnected: boolean;
  /** Whether the server that we are connected to is of that version or newer. */
  isAtLeast(version: string): boolean;
  /** @returns stops the telling. */
  onDisconnect(listener: () => void): () => void;
  /** Goes to another server, if there is one; what is under way is broken off, as when a connection is lost. */
  leaveServer(): Promise<void>;
  /** Sends what is under way, then closes. */
  close(): Promise<void>;
}

/**
 * The oldest that was seen to keep the same on each of several servers, whichever of them is killed, hangs and goes on, or is
 * cut off (test/cluster). 2.9.10 was seen to lose acknowledged events: docs/scaling.md.
 */
const OLDEST_FOR_COPIES = '2.10.27';
const byVersion = new Intl.Collator('en', { numeric: true });
/** A server that hangs may still take the connection: then another one is tried. */
const CONNECT_WITHIN = 3 * SECOND;
/** A peer that died without a word is noticed within two of these. */
const PING_EVERY = 3 * SECOND;

/**
 * @throws Error when no server can be reached now, a file cannot be read, the URL is not of that form, or the server is too
 *   old for that many replicas.
 */
export async function connectNats(options: NatsOptions): Promise<Nats> {
  const { logger, replicas = 1, onlyLooks = false } = options;
  const { servers, ...settings } = connectionOptions(options);
  const connection = await connect({ servers, ...settings }).catch((error: unknown) => {
    throw new Error(
      `NATS cannot be reached at ${servers.join(', ')}: ${reasonOf(error)}. Look whether it runs, and at STORE_URL.`,
      { cause: error },
    );
  });
  const isAtLeast = (wanted: string) => byVersion.compare(connection.info?.version ?? '', wanted) >= 0;
  if (replicas > 1 && !isAtLeast(OLDEST_FOR_COPIES)) {
    const version = connection.info?.version;
    await connection.close();
    throw new Error(
      `nats-server ${version} at ${connection.getServer()} may lose acknowledged events when it keeps them on several ` +
        `servers (NATS_REPLICAS=${replicas}): update every server of the cluster to ${OLDEST_FOR_COPIES} or newer.`,
    );
  }
  const listeners = createListeners<void>();
  let isConnected = true;
  /** Not to be come back to at once. */
  let left: string | null = null;

  async function goElsewhere(): Promise<void> {
    try {
      await connection.reconnect();
    } catch (error) {
      // One that is being closed refuses, and needs no other server; nobody waits for this who could be told.
      if (!connection.isClosed() && !connection.isDraining()) {
        logger.error({ err: error }, 'another NATS server could not be tried');
      }
    }
  }

  async function tellStatus(): Promise<void> {
    for await (const { type } of connection.status()) {
      if (type === 'disconnect') {
        isConnected = false;
        logger.warn('the connection to NATS was lost');
        listeners.tell();
      } else if (type === 'reconnect' && connection.getServer() === left) {
        // The client begins with the one that it had.
        left = null;
        await goElsewhere();
      } else if (type === 'reconnect') {
        left = null;
        isConnected = true;
        logger.info('the connection to NATS is back');
      }
    }
  }
  void tellStatus();

  return {
    connection,
    onlyLooks,

    get isConnected() {
      return isConnected;
    },

    isAtLeast,
    onDisconnect: listeners.add,
    async leaveServer() {
      left = connection.getServer();
      await goElsewhere();
    },

    async close() {
      listeners.clear();
      if (!connection.isClosed()) await connection.drain().catch(() => connection.close());
    },
  };
}

type Settings = Omit<ConnectionOptions, 'servers'> & { readonly servers: string[] };

/** What the client library is given. @throws Error as `connectNats`; it never holds the URL, which has a password. */
export function connectionOptions(options: Omit<NatsOptions, 'logger'>): Settings {
  const address = parseNatsUrl(options.url);
  if (!address) throw new Error(`a NATS URL looks like ${NATS_URL_FORM}`);
  const { insistsOnTls, ...whereAndWho } = address;
  const tls = tlsOf(options);
  return {
    ...whereAndWho,
    ...(options.credentialsFile && {
      authenticator: credsAuthenticator(readFileSync(options.credentialsFile)),
    }),
    ...((tls || insistsOnTls) && { tls: tls ?? {} }),
    // What `nats server report connections` shows.
    name: `mekong ${hostname()} ${process.pid}`,
    timeout: CONNECT_WITHIN,
    maxReconnectAttempts: -1,
    // A server that is being reconfigured may refuse us for a while; the start alone gives up at a refusal.
    ignoreAuthErrorAbort: true,
    reconnectTimeWait: SECOND / 4,
    reconnectJitter: SECOND / 4,
    pingInterval: PING_EVERY,
    maxPingOut: 2,
  };
}

function tlsOf({ caFile, certificateFile, keyFile }: Omit<NatsOptions, 'logger'>): TlsOptions | null {
  if (!caFile && !certificateFile && !keyFile) return null;
  return {
    ...(caFile && { caFile }),
    ...(certificateFile && { certFile: certificateFile }),
    ...(keyFile && { keyFile }),
  };
}

const reasonOf = (error: unknown): string => (error instanceof Error ? error.message : 'no answer');
