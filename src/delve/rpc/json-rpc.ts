import type { Duplex } from "node:stream";
import * as z from "zod";
import { parseReply } from "./reply.js";

/** Delve's own words for why a call failed. */
export class DelveError extends Error {
  override readonly name = "DelveError";
}

/** The connection to Delve ended: Delve has left, or was cut off. */
export class ConnectionLost extends Error {
  override readonly name = "ConnectionLost";
}

/** What came over the connection is no reply of a Delve; the connection is then ended. */
export class UnexpectedReply extends Error {
  override readonly name = "UnexpectedReply";
}

const envelope = z.object({ id: z.int(), result: z.unknown(), error: z.string().nullish() });

interface Pending {
  readonly resolve: (result: unknown) => void;
  readonly reject: (error: Error) => void;
}

/** JSON-RPC over one connection: a JSON object a line each way, answers in any order, matched by id. */
export class JsonRpc {
  readonly #stream: Duplex;
  readonly #pending = new Map<number, Pending>();
  #chunks: Buffer[] = [];
  #last = 0;
  #gathering = false;
  #lost: ConnectionLost | null = null;
  /** Resolves when the connection has ended. */
  readonly closed: Promise<void>;

  constructor(stream: Duplex) {
    this.#stream = stream;
    this.closed = new Promise((resolve) => {
      const end = (error?: Error): void => {
        this.#lose(error);
        resolve();
      };
      stream.on("error", end).on("end", end).on("close", end);
    });
    stream.on("data", (chunk: Buffer) => this.#take(chunk));
  }

  close(): void {
    this.#stream.destroy();
  }

  /** Rejects with `DelveError`, `ConnectionLost`, or the signal's reason; without a signal it waits for the answer. */
  call(method: string, parameters: object, signal?: AbortSignal): Promise<unknown> {
    if (this.#lost !== null) return Promise.reject(this.#lost);
    if (signal?.aborted === true) return Promise.reject(signal.reason);
    const id = ++this.#last;
    return new Promise((resolve, reject) => {
      const leave = (): void => {
        this.#pending.delete(id);
        signal?.removeEventListener("abort", abort);
      };
      const abort = (): void => {
        leave();
        reject(signal?.reason);
      };
      this.#pending.set(id, {
        resolve: (result) => {
          leave();
          resolve(result);
        },
        reject: (error) => {
          leave();
          reject(error);
        },
      });
      signal?.addEventListener("abort", abort, { once: true });
      this.#gather();
      this.#stream.write(`${JSON.stringify({ method: `RPCServer.${method}`, params: [parameters], id })}\n`);
    });
  }

  /** Sends what was called until now; without it that happens before anything else is waited for. */
  flush(): void {
    if (!this.#gathering) return;
    this.#gathering = false;
    this.#stream.uncork();
  }

  /** Calls that are made at once go as one packet: each further one would cost a stopped program the price of a system call. */
  #gather(): void {
    if (this.#gathering) return;
    this.#gathering = true;
    this.#stream.cork();
    setImmediate(() => this.flush());
  }

  #take(chunk: Buffer): void {
    let rest = chunk;
    for (let end = rest.indexOf(10); end !== -1; end = rest.indexOf(10)) {
      const line = Buffer.concat([...this.#chunks, rest.subarray(0, end)]).toString("utf8");
      this.#chunks = [];
      rest = rest.subarray(end + 1);
      if (line !== "") this.#answer(line);
    }
    if (rest.length > 0) this.#chunks.push(rest);
  }

  #answer(line: string): void {
    let reply: z.infer<typeof envelope>;
    try {
      reply = envelope.parse(parseReply(line));
    } catch (cause) {
      // Whatever speaks there, it is not Delve.
      this.#stream.destroy(new UnexpectedReply(`expected a JSON-RPC reply, found ${line.slice(0, 200)}`, { cause }));
      return;
    }
    const waiting = this.#pending.get(reply.id);
    // An answer to a call that was given up.
    if (waiting === undefined) return;
    if (typeof reply.error === "string") waiting.reject(new DelveError(reply.error.trim()));
    else waiting.resolve(reply.result);
  }

  #lose(cause?: Error): void {
    this.#lost ??= new ConnectionLost("Delve closed the connection", cause === undefined ? {} : { cause });
    for (const waiting of [...this.#pending.values()]) waiting.reject(this.#lost);
  }
}
