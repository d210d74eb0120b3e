import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Store } from '../../src/app/store.ts';
import { lateKeyOf } from '../../src/events/log.ts';
import { readAll } from '../support/events.ts';
import type { Gateway } from '../support/gateway.ts';
import { openMoved } from '../support/migration.ts';
import { type NatsCluster, startNats, withNatsServer } from '../support/nats-server.ts';
import { eventCursor, idsOf, startNews, TRANSACTION_EVENTS, TRANSPORTS } from '../support/news.ts';

withNatsServer(() => {
  describe.each(TRANSPORTS)('over %s', (_name, subscribe) => {
    let nats: NatsCluster;
    let gateway: Gateway;
    let other: Store;
    beforeAll(async () => {
      nats = await startNats();
      gateway = await startNews({ env: { STORE_URL: nats.url } });
      other = await openMoved(nats.url);
    }, 60_000);
    afterAll(async () => {
      await gateway.stop();
      await other.log.close();
      await other.close();
      await nats.dispose();
    });

    test('an event that another process appends as LATE does not come again where it came at its first position', async () => {
      const token = await gateway.logIn();
      const after = await eventCursor(gateway, token);
      const subscription = await subscribe(gateway.url, TRANSACTION_EVENTS, { after }, token);
      const first = gateway.bongloy.control.makePurchase();
      expect(idsOf([await subscription.feed.event()])).toEqual([first.id]);
      const event = (await readAll(other.log, 0)).find((one) => one.provider === 'BONGLOY');
      if (event?.provider !== 'BONGLOY') throw new Error('the purchase is not in the log');
      const { position: _position, ...again } = event;
      await other.log.append([{ ...again, key: lateKeyOf(event.key), source: 'LATE' }]);
      const second = gateway.bongloy.control.makePurchase();
      expect(idsOf([await subscription.feed.event()])).toEqual([second.id]);
      await subscription.close();
    });
  });
});
