import { expect, test } from "vitest";
import { parseInetTable } from "../../src/linux/inet.js";

const header =
  "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode                                                     \n";

test("a listening and a connected socket of /proc/net/tcp are read", () => {
  const table =
    header +
    "   0: 0100007F:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 26891 1 0000000000000000 100 0 0 10 0\n" +
    "   1: 0200000A:D2F0 08080808:01BB 01 00000000:00000000 02:000A7214 00000000  1000        0 31337 2 0000000000000000 20 4 30 10 -1\n";
  expect(parseInetTable(table, "tcp")).toEqual([
    {
      protocol: "tcp",
      state: "listening",
      address: "127.0.0.1",
      port: 8080,
      peerAddress: "0.0.0.0",
      peerPort: 0,
      inode: 26891,
    },
    {
      protocol: "tcp",
      state: "established",
      address: "10.0.0.2",
      port: 54000,
      peerAddress: "8.8.8.8",
      peerPort: 443,
      inode: 31337,
    },
  ]);
});

const ipv6 = (hex: string): string => {
  const line = `   0: ${hex}:0016 00000000000000000000000000000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 7 1 0 100 0 0 10 0\n`;
  return parseInetTable(header + line, "tcp6")[0]?.address ?? "none";
};

test.each([
  ["00000000000000000000000000000000", "::"],
  ["00000000000000000000000001000000", "::1"],
  ["0000000000000000FFFF00000100007F", "::ffff:127.0.0.1"],
  ["B80D0120000000000000000001000000", "2001:db8::1"],
  ["000080FE00000000FF565002BD69B1FE", "fe80::250:56ff:feb1:69bd"],
  // RFC 5952: of two equal runs the first is shortened.
  ["B80D0120000000000000010001000000", "2001:db8::1:0:0:1"],
])("%s is written as %s", (hex, text) => {
  expect(ipv6(hex)).toBe(text);
});

test("a UDP socket that is not connected is unconnected, not closed", () => {
  const line =
    "  412: 3500007F:0035 00000000:0000 07 00000000:00000000 00:00000000 00000000   101        0 20123 2 0000000000000000 0\n";
  expect(parseInetTable(header + line, "udp")[0]).toMatchObject({
    state: "unconnected",
    address: "127.0.0.53",
    port: 53,
  });
});

test("headers, empty lines and lines that were torn off are passed over", () => {
  expect(parseInetTable(`${header}\n   0: 0100007F:1F\n: :\n`, "tcp")).toEqual([]);
});
