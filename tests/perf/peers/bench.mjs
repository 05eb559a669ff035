// node bench.mjs <rxdb|pouchdb> <cards.ndjson> [rows ...]
//
// The same cards that Toruk's phones pull, pulled by a peer: its server in a process of its own, its
// client in this one, plain sockets on loopback. Prints a line of JSON for each measurement.
import { fork } from 'node:child_process';
import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const [, , name, file, ...sizes] = process.argv;
const peer = await import(`./${name}.mjs`);
const OPERATIONS = [100, 1000];
const SHARES = [0.01, 0.1];

/** The first `rows` cards of the file. */
async function cards(rows) {
    const read = [];
    for await (const line of createInterface({ input: createReadStream(file) })) {
        if (read.length === rows) break;
        read.push(JSON.parse(line));
    }
    if (read.length < rows) throw new Error(`${file} has ${read.length} cards, not ${rows}`);
    return read;
}

/** What a phone has waiting: an answer in a draft, as Toruk's phones send it. */
function operation(no) {
    const part = { fields: { full_name: [{ clock: { 1: no }, value: `Асанова Айгүл ${no}` }] } };
    const draft = `00000000-0000-4000-8000-${String(no).padStart(12, '0')}`;
    return { id: `op-${no}`, op_no: no, operation: { edit_draft: { draft, auction: draft, part } } };
}

/** The server's process; `ask` answers what its function in the peer's file returns. */
function serve() {
    const child = fork(fileURLToPath(new URL('./server.mjs', import.meta.url)), [name]);
    const waiting = [];
    child.on('message', answer => waiting.shift()(answer));
    child.on('exit', code => { if (code) { console.error(`${name}'s server ended`); process.exit(1); } });
    const ask = (what, value) => new Promise(resolve => {
        waiting.push(resolve);
        child.send({ what, value });
    });
    return { ask, end: () => child.kill() };
}

/** Runs `work`, and says how long it took, what it sent and what it cost both ends. */
async function measure(server, facts, work) {
    const before = await server.ask('figures');
    const cpu = process.cpuUsage();
    const began = performance.now();
    await work();
    const ms = performance.now() - began;
    const used = process.cpuUsage(cpu);
    const after = await server.ask('figures');
    const [down, up] = [after.down - before.down, after.up - before.up];
    console.log(JSON.stringify({
        bench: 'sync', way: name, ...facts, durability: peer.DURABILITY, ms,
        rows_per_s: facts.changed / (ms / 1000),
        bytes_down: down, bytes_up: up, bytes_per_row: (down + up) / facts.changed,
        server_cpu_ms: (after.cpu_us - before.cpu_us) / 1000,
        client_cpu_ms: (used.user + used.system) / 1000,
        server_rss_mb: after.rss / 2 ** 20, client_rss_mb: process.memoryUsage().rss / 2 ** 20,
    }));
}

for (const rows of sizes.length ? sizes.map(Number) : [1000, 10000]) {
    const server = serve();
    const address = await server.ask('start');
    const all = await cards(rows);
    await server.ask('fill', all);
    const phone = await peer.phone(address);
    const have = async expected => {
        const count = await phone.count();
        if (count !== expected) throw new Error(`${name} has ${count} of ${expected} cards`);
    };
    await measure(server, { workload: 'W1', rows, changed: rows }, () => phone.pull());
    await have(rows);
    for (const share of SHARES) {
        const changed = all.slice(0, rows * share);
        for (const card of changed) card.seq += 1;
        await server.ask('fill', changed);
        await measure(server, { workload: 'W3', rows, changed: changed.length }, () => phone.pull());
        await have(rows);
        const one = await phone.card(changed.at(-1).id);
        if (one.seq !== changed.at(-1).seq) throw new Error(`${name} kept an old card`);
    }
    await measure(server, { workload: 'W7', rows, changed: 0 }, () => phone.pull());
    let queued = 0;
    for (const count of OPERATIONS) {
        await phone.queue(Array.from({ length: count }, (_, no) => operation(queued + no + 1)));
        queued += count;
        await measure(server, { workload: 'W4', rows, changed: count }, () => phone.push());
        const arrived = await server.ask('operations');
        if (arrived !== queued) throw new Error(`${name} delivered ${arrived} of ${queued}`);
    }
    await phone.end();
    server.end();
}
process.exit(0);
