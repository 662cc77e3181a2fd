import { createServer, connect as openSocket, type Socket } from "node:net";

/** A way to a service on which connections can be turned away. */
export interface Gate {
  readonly port: number;
  /** How many connections have come so far. */
  readonly connections: number;
  close(): Promise<void>;
}

/** `turnAway` is told which connection it is, from 1; what it returns true for is not let through. */
export async function openGate(
  behind_port: number,
  turnAway: (socket: Socket, number: number) => boolean,
): Promise<Gate> {
  let connections = 0;
  const sockets = new Set<Socket>();
  const keep = (socket: Socket) => {
    sockets.add(socket.on("error", () => {}));
    socket.once("close", () => sockets.delete(socket));
    return socket;
  };
  const server = createServer((socket) => {
    keep(socket);
    connections += 1;
    if (turnAway(socket, connections)) return;
    const behind = keep(openSocket(behind_port, "127.0.0.1"));
    behind.once("close", () => socket.destroy());
    socket.once("close", () => behind.destroy());
    socket.pipe(behind).pipe(socket);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    port: (server.address() as { port: number }).port,
    get connections() {
      return connections;
    },
    async close() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
