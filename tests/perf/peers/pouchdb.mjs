// PouchDB: express-pouchdb over LevelDB, and a client over LevelDB, at their defaults but for larger
// batches. LevelDB is not told to sync.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import express from 'express';
import expressPouchDb from 'express-pouchdb';
import PouchDb from 'pouchdb';

export const DURABILITY = 'LevelDB without sync at both ends';
// Its default is 100; Toruk's pages have as many as 2 000.
const BATCH = { batch_size: 1000, batches_limit: 10 };

const named = ({ id, ...rest }) => ({ _id: id, ...rest });

/** LevelDB in a folder that goes away with the process. */
function stored() {
    const folder = mkdtempSync(join(tmpdir(), 'toruk-pouchdb-'));
    process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
    process.on('SIGTERM', () => process.exit(0));
    return [PouchDb.defaults({ prefix: `${folder}/` }), folder];
}

/** Written over what is there. */
async function upsert(database, rows) {
    const keys = rows.map(row => row.id);
    const { rows: held } = await database.allDocs({ keys });
    const docs = rows.map((row, no) => {
        const rev = held[no].value?.rev;
        return rev ? { ...named(row), _rev: rev } : named(row);
    });
    const failed = (await database.bulkDocs(docs)).find(result => result.error);
    if (failed) throw new Error(JSON.stringify(failed));
}

export async function server() {
    const [Stored, folder] = stored();
    const app = express();
    app.use('/', expressPouchDb(Stored, {
        mode: 'minimumForPouchDB', inMemoryConfig: true, logPath: join(folder, 'log'),
    }));
    const cards = new Stored('cards');
    const operations = new Stored('operations');
    await Promise.all([cards.info(), operations.info()]);
    const http = await new Promise(resolve => {
        const listening = app.listen(0, '127.0.0.1', () => resolve(listening));
    });
    return {
        http,
        address: `http://127.0.0.1:${http.address().port}`,
        fill: rows => upsert(cards, rows),
        operations: async () => (await operations.info()).doc_count,
    };
}

export async function phone(url) {
    const [Stored] = stored();
    const cards = new Stored('cards');
    const operations = new Stored('operations');
    return {
        pull: () => cards.replicate.from(`${url}/cards`, BATCH),
        push: () => operations.replicate.to(`${url}/operations`, BATCH),
        queue: rows => upsert(operations, rows),
        count: async () => (await cards.info()).doc_count,
        card: id => cards.get(id),
        end: () => Promise.all([cards.close(), operations.close()]),
    };
}
