// RxDB: its replication over websockets, its storage in memory at both ends, which is the fastest of
// the free ones and keeps nothing when the process ends.
import { createServer } from 'node:http';
import { createRxDatabase } from 'rxdb/plugins/core';
import { replicateWithWebsocketServer, startWebsocketServer } from 'rxdb/plugins/replication-websocket';
import { getRxStorageMemory } from 'rxdb/plugins/storage-memory';

export const DURABILITY = 'none: memory at both ends';
// Its default is 100; Toruk's pages have as many as 2 000.
const BATCH = 1000;

const id = { type: 'string', maxLength: 64 };
const text = { type: 'string' };
const number = { type: 'number' };
const object = { type: 'object' };
const cards = {
    version: 0, primaryKey: 'id', type: 'object',
    properties: {
        id, number: text, title: object, kind: text, settlement: text, object_of_price: text,
        price: number, status: text, failure: text, tender_end: text, start: text, seq: number,
    },
};
const operations = {
    version: 0, primaryKey: 'id', type: 'object',
    properties: { id, op_no: number, operation: object },
};

async function database(name) {
    const created = await createRxDatabase({ name, storage: getRxStorageMemory(), multiInstance: false });
    await created.addCollections({ cards: { schema: cards }, operations: { schema: operations } });
    return created;
}

export async function server() {
    const created = await database('server');
    const http = createServer();
    await new Promise(resolve => http.listen(0, '127.0.0.1', resolve));
    await startWebsocketServer({ database: created, server: http, path: '/sync' });
    return {
        http,
        address: `ws://127.0.0.1:${http.address().port}/sync`,
        async fill(rows) {
            const { error } = await created.cards.bulkUpsert(rows);
            if (error.length) throw new Error(JSON.stringify(error[0]));
        },
        operations: () => created.operations.count().exec(),
    };
}

export async function phone(url) {
    const created = await database('phone');
    const replicate = async collection => {
        const state = await replicateWithWebsocketServer({
            replicationIdentifier: `phone-${collection.name}`, collection, url,
            batchSize: BATCH, live: false,
        });
        await state.awaitInitialReplication();
        await state.cancel();
    };
    return {
        pull: () => replicate(created.cards),
        push: () => replicate(created.operations),
        async queue(rows) {
            const { error } = await created.operations.bulkInsert(rows);
            if (error.length) throw new Error(JSON.stringify(error[0]));
        },
        count: () => created.cards.count().exec(),
        card: async id => (await created.cards.findOne(id).exec()).toJSON(),
        end: () => created.close(),
    };
}
