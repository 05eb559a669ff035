// A peer's server, told what to do by `bench.mjs`.
const peer = await import(`./${process.argv[2]}.mjs`);
const server = await peer.server();
const sockets = new Set();
let [down, up] = [0, 0];

// What went through sockets that are closed, and through those that are open.
server.http.on('connection', socket => {
    sockets.add(socket);
    socket.on('close', () => {
        sockets.delete(socket);
        down += socket.bytesWritten;
        up += socket.bytesRead;
    });
});

const sum = of => [...sockets].reduce((total, socket) => total + socket[of], 0);
const answers = {
    start: () => server.address,
    fill: cards => server.fill(cards),
    operations: () => server.operations(),
    figures: () => {
        const { user, system } = process.cpuUsage();
        return {
            down: down + sum('bytesWritten'), up: up + sum('bytesRead'),
            cpu_us: user + system, rss: process.memoryUsage().rss,
        };
    },
};
process.on('message', async ({ what, value }) => process.send((await answers[what](value)) ?? null));
