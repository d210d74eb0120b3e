/** Where a cluster is, and as whom to speak to it. */
export interface NatsAddress {
  /** `host` or `host:port`, one or more. */
  readonly servers: string[];
  readonly user?: string;
  readonly pass?: string;
  readonly token?: string;
  /** Nothing is said without TLS. */
  readonly insistsOnTls: boolean;
}

/** What such a URL looks like, for messages. */
export const NATS_URL_FORM = 'nats://user:pass@host1:4222,host2:4222';

const FORM = /^(nats|tls):\/\/(?:([^@/]*)@)?([^@/?#]+)\/?$/;
const HOST = /^(?:[\w.-]+|\[[\da-f:.]+\])(?::(\d{1,5}))?$/i;
const GREATEST_PORT = 65_535;

/**
 * Any number of servers of one cluster; the part before the `@` is optional, and a token when it has no colon; reserved
 * characters in it are percent-encoded. `tls://` insists on TLS.
 * @returns null for a text of another form.
 */
export function parseNatsUrl(url: string): NatsAddress | null {
  const [, scheme, userInfo, hosts = ''] = FORM.exec(url) ?? [];
  const servers = hosts.split(',');
  const who = identity(userInfo);
  if (!scheme || !who || !servers.every(isHost)) return null;
  return { servers, ...who, insistsOnTls: scheme === 'tls' };
}

function isHost(host: string): boolean {
  const match = HOST.exec(host);
  return match !== null && Number(match[1] ?? 1) > 0 && Number(match[1] ?? 1) <= GREATEST_PORT;
}

function identity(userInfo: string | undefined): Pick<NatsAddress, 'user' | 'pass' | 'token'> | null {
  if (!userInfo) return {};
  try {
    const [first = '', ...rest] = userInfo.split(':');
    if (rest.length === 0) return { token: decodeURIComponent(first) };
    return { user: decodeURIComponent(first), pass: decodeURIComponent(rest.join(':')) };
  } catch {
    // A percent sign that encodes nothing.
    return null;
  }
}
