import { once } from "node:events";
import { createServer } from "node:net";

/**
 * Where ports are looked for: below those that the kernel gives to clients and to listeners on port 0, so that what is free now
 * is still free when a program under test opens it. Each worker has a part of its own.
 */
const lowest = 11_000;
const partSize = 2_500;
const parts = 8;

const part = lowest + (Number(process.env.VITEST_POOL_ID ?? 0) % parts) * partSize;
let next = Math.floor(Math.random() * partSize);

/** TCP ports of 127.0.0.1 on which nothing listens. */
export async function freePorts(count: number): Promise<readonly number[]> {
  const ports: number[] = [];
  for (let tried = 0; ports.length < count; tried++) {
    if (tried === partSize) throw new Error(`no free port from ${part} to ${part + partSize - 1}`);
    const port = part + next;
    next = (next + 1) % partSize;
    if (await isFree(port)) ports.push(port);
  }
  return ports;
}

/** As `freePorts`, one. */
export async function freePort(): Promise<number> {
  const [port = 0] = await freePorts(1);
  return port;
}

/** On all addresses: a program may listen on any. */
async function isFree(port: number): Promise<boolean> {
  const server = createServer().listen(port);
  try {
    await once(server, "listening");
  } catch {
    return false;
  }
  server.close();
  await once(server, "close");
  return true;
}
