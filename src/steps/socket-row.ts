import * as z from "zod";
import { protocols } from "../linux/inet.js";

/** A socket as `sockets` lists it and `catch` finds it. */
export const socketRow = z.strictObject({
  protocol: z.enum(protocols),
  state: z.string(),
  address: z.string(),
  port: z.int(),
  peer_address: z.string(),
  peer_port: z.int(),
  process: z.string().nullable(),
  pid: z.int().nullable(),
  fd: z.int().nullable(),
  inode: z.int(),
});
