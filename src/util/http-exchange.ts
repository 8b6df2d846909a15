import type { ClientRequest, IncomingMessage } from "node:http";
import { isIP } from "node:net";
import type { Duplex } from "node:stream";
import type { ConnectionOptions } from "node:tls";

export interface HttpRequest {
  readonly url: URL;
  readonly method: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
  /** Takes any certificate. */
  readonly insecure?: boolean;
}

/** An answer whose body is still to be read; whoever does not read it destroys it. */
export interface HttpResponse {
  readonly status: number;
  readonly statusText: string;
  /** Names in lower case; a header that came several times joined with commas, `set-cookie` with line breaks. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: IncomingMessage;
}

/**
 * One HTTP/1.1 exchange over a connection of the caller's making. Follows no redirect and asks for no compression.
 * Rejects with the error of the connection, of TLS or of the protocol, or with the signal's reason.
 */
export async function exchange(
  connect: () => Promise<Duplex>,
  request: HttpRequest,
  signal: AbortSignal,
): Promise<HttpResponse> {
  // Loaded only here: most commands of casebook never make a request, and these cost them milliseconds at start.
  const secure = request.url.protocol === "https:";
  const { request: send } = secure ? await import("node:https") : await import("node:http");
  const tls = secure ? await import("node:tls") : null;
  const plain = await connect();
  const socket = tls === null ? plain : tls.connect(securing(plain, request));
  return await new Promise<HttpResponse>((resolve, reject) => {
    const sent: ClientRequest = send(request.url, {
      method: request.method,
      headers: headersOf(request),
      // Without an agent node uses this for the connection; its type asks for a net.Socket but any duplex does.
      createConnection: () => socket as never,
      signal,
    });
    // Ends the connection in every case: a socket that was never handed to a request would stay open.
    const fail = (error: Error): void => {
      plain.destroy();
      reject(error);
    };
    plain.on("error", (error) => sent.destroy(error));
    sent.on("error", fail);
    sent.on("response", (response) => {
      response.on("close", () => plain.destroy());
      resolve({
        status: response.statusCode ?? 0,
        statusText: response.statusMessage ?? "",
        headers: joined(response),
        body: response,
      });
    });
    sent.end(request.body);
  });
}

function headersOf({ headers = {}, body }: HttpRequest): Record<string, string> {
  const given = new Set(Object.keys(headers).map((name) => name.toLowerCase()));
  const length = body === undefined ? {} : { "content-length": String(Buffer.byteLength(body)) };
  const defaults: Record<string, string> = { accept: "*/*", "accept-encoding": "identity", ...length };
  const added = Object.entries(defaults).filter(([name]) => !given.has(name));
  return { ...Object.fromEntries(added), ...headers };
}

function securing(plain: Duplex, { url, insecure }: HttpRequest): ConnectionOptions {
  const host = url.hostname.replace(/^\[|\]$/g, "");
  return {
    socket: plain,
    host,
    ...(isIP(host) === 0 && { servername: host }),
    rejectUnauthorized: insecure !== true,
    ALPNProtocols: ["http/1.1"],
  };
}

function joined(response: IncomingMessage): Record<string, string> {
  const all = Object.entries(response.headersDistinct).map(([name, values = []]) => [
    name,
    values.join(name === "set-cookie" ? "\n" : ", "),
  ]);
  return Object.fromEntries(all);
}

/** Where to connect for a URL. */
export function addressOf(url: URL): { readonly host: string; readonly port: number } {
  const port = url.port === "" ? (url.protocol === "https:" ? 443 : 80) : Number(url.port);
  return { host: url.hostname.replace(/^\[|\]$/g, ""), port };
}

const reasons: Readonly<Record<string, string>> = {
  ECONNREFUSED: "the connection was refused: nothing listens there",
  ECONNRESET: "the connection was closed before an answer came",
  EPIPE: "the connection was closed before an answer came",
  EHOSTUNREACH: "there is no route to the host",
  ENETUNREACH: "there is no route to the network",
  ETIMEDOUT: "the connection could not be made in time",
  ENOTFOUND: "the host's name is not known",
  EAI_AGAIN: "the host's name could not be looked up",
};

/** Why there was no answer, as a clause. */
export function describeHttpError(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const code = "code" in error && typeof error.code === "string" ? error.code : "";
  if (code.startsWith("HPE_")) return `what came back is not HTTP (${error.message.replace(/^Parse Error: /, "")})`;
  if (isCertificateError(code)) return `the certificate was not accepted (${error.message})`;
  if (code === "EPROTO" || code.startsWith("ERR_SSL")) return `TLS failed: ${sslReason(error.message)}`;
  const reason = reasons[code];
  return reason === undefined ? error.message : `${reason} (${code})`;
}

/** `…:error:0A00010B:SSL routines::wrong version number:…` */
const sslReason = (message: string): string => /:SSL routines:[^:]*:([^:\n]+)/.exec(message)?.[1] ?? message;

/** Codes of OpenSSL's verification, as node gives them. */
export const isCertificateError = (code: string): boolean =>
  /CERT|^UNABLE_TO_(GET|VERIFY)|SELF_SIGNED|^ERR_TLS_CERT_ALTNAME_INVALID$|^HOSTNAME_MISMATCH$/.test(code);
