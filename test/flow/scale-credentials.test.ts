import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { nkeys } from '@nats-io/transport-node';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startGateway } from '../support/gateway.ts';
import { type NatsCluster, startNats, withNatsServer } from '../support/nats-server.ts';

type KeyPair = ReturnType<typeof nkeys.createUser>;

/** A JWT as NATS has it: signed with the Ed25519 key of whoever stands above. */
function token(name: string, subject: KeyPair, issuer: KeyPair, nats: object): string {
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const claims = {
    jti: name,
    iat: Math.floor(Date.now() / 1000),
    iss: issuer.getPublicKey(),
    name,
    sub: subject.getPublicKey(),
    nats: { version: 2, ...nats },
  };
  const signed = `${part({ typ: 'JWT', alg: 'ed25519-nkey' })}.${part(claims)}`;
  return `${signed}.${Buffer.from(issuer.sign(Buffer.from(signed))).toString('base64url')}`;
}

withNatsServer(() => {
  const folder = mkdtempSync(join(tmpdir(), 'mekong-creds-'));
  const credentialsFile = join(folder, 'shop.creds');
  const strangersFile = join(folder, 'stranger.creds');
  let cluster: NatsCluster;

  function writeCredentials(file: string, user: KeyPair, account: KeyPair): void {
    const jwt = token('shop', user, account, { type: 'user', subs: -1, data: -1, payload: -1 });
    writeFileSync(
      file,
      `-----BEGIN NATS USER JWT-----\n${jwt}\n------END NATS USER JWT------\n\n` +
        `-----BEGIN USER NKEY SEED-----\n${Buffer.from(user.getSeed()).toString()}\n------END USER NKEY SEED------\n`,
    );
  }

  beforeAll(async () => {
    const operator = nkeys.createOperator();
    const [system, shop] = [nkeys.createAccount(), nkeys.createAccount()];
    const unlimited = { subs: -1, data: -1, payload: -1, imports: -1, exports: -1, conn: -1, leaf: -1 };
    const storage = { mem_storage: -1, disk_storage: -1, streams: -1, consumer: -1 };
    const accounts = {
      [system.getPublicKey()]: token('system', system, operator, { type: 'account', limits: unlimited }),
      [shop.getPublicKey()]: token('shop', shop, operator, {
        type: 'account',
        limits: { ...unlimited, ...storage },
      }),
    };
    const config = join(folder, 'server.json');
    writeFileSync(
      config,
      JSON.stringify({
        operator: token('operator', operator, operator, { type: 'operator' }),
        system_account: system.getPublicKey(),
        resolver: 'MEMORY',
        resolver_preload: accounts,
      }),
    );
    writeCredentials(credentialsFile, nkeys.createUser(), shop);
    writeCredentials(strangersFile, nkeys.createUser(), nkeys.createAccount());
    cluster = await startNats(1, ['--config', config]);
  });
  afterAll(async () => {
    await cluster.dispose();
    rmSync(folder, { recursive: true });
  });

  test('NATS takes the credentials file of an account of its operator', async () => {
    const gateway = await startGateway({
      env: { STORE_URL: cluster.url, NATS_CREDENTIALS_FILE: credentialsFile },
    });
    expect((await fetch(`${gateway.url}/readyz`)).status).toBe(200);
    await gateway.stop();
  });

  test('and refuses that of another account: the start says so', async () => {
    const starting = startGateway({
      env: { STORE_URL: cluster.url, NATS_CREDENTIALS_FILE: strangersFile },
    });
    await expect(starting).rejects.toThrow(/NATS cannot be reached at .*Authorization Violation/i);
  });
});
