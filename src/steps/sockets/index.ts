import * as z from "zod";
import { protocols } from "../../linux/inet.js";
import { noSuchProcess, parseSockets, socketsCommand } from "../../linux/sockets.js";
import type { EvidenceRef } from "../../model/evidence.js";
import { pid, port } from "../../model/fields.js";
import { type StepContext, StepFailure, type StepKind } from "../../model/step-kind.js";
import { describeFilter, tableBlock } from "../rows.js";
import { socketRow } from "../socket-row.js";

/** `listen` and `estab`, as `ss` prints them, are the same as what it takes in filters. */
const shortStates: Readonly<Record<string, string>> = {
  listen: "listening",
  estab: "established",
  unconn: "unconnected",
};

const states = [
  "listening",
  "established",
  "unconnected",
  "syn-sent",
  "syn-recv",
  "fin-wait-1",
  "fin-wait-2",
  "time-wait",
  "close-wait",
  "last-ack",
  "closing",
  "closed",
] as const;

const spec = z
  .strictObject({
    process: z.string().min(1).optional().describe("Name of the process that holds the socket."),
    pid: pid().optional().describe("Process that holds the socket; its network namespace is read."),
    port: port().optional().describe("Local port."),
    protocol: z.enum(protocols).optional().describe("`tcp` and `udp` mean both address families, `tcp6` IPv6 alone."),
    state: z
      .string()
      .transform((state) => shortStates[state.toLowerCase()] ?? state.toLowerCase())
      .pipe(z.enum(states))
      .optional()
      .describe(
        "As `ss` names them: `listening`, `established`, `time-wait`, …; a UDP socket is `unconnected` or `established`.",
      ),
  })
  .superRefine((filter, context) => {
    if (filter.state !== "listening" || !filter.protocol?.startsWith("udp")) return;
    const message =
      "expected a state that UDP sockets have, found listening: one that waits for anybody is unconnected";
    context.addIssue({ code: "custom", path: ["state"], message });
  });

type SocketsSpec = z.infer<typeof spec>;

const result = z.strictObject({ sockets: z.array(socketRow.readonly()).readonly() });

type SocketsResult = z.infer<typeof result>;

interface Listed {
  readonly stdout: EvidenceRef | null;
  readonly stderr: EvidenceRef | null;
}

async function observe(spec: SocketsSpec, context: StepContext): Promise<Listed> {
  const stdout = context.capture("stdout");
  const stderr = context.capture("stderr");
  const exit = await context.target.run({ argv: socketsCommand(spec) }, { stdout, stderr }, context.signal);
  const observed = { stdout: await stdout.close(), stderr: await stderr.close() };
  if (exit.code === 0) return observed;
  if (exit.code === noSuchProcess)
    throw new StepFailure(`expected a process with pid ${spec.pid}, found none`, { observed });
  throw new StepFailure(`reading the sockets from /proc ended with ${exit.signal ?? `exit code ${exit.code}`}`, {
    observed,
  });
}

/** TCP and UDP sockets with the processes that hold them. */
export const sockets: StepKind<SocketsSpec, Listed, SocketsResult> = {
  name: "sockets",
  doc:
    "TCP and UDP sockets of the host, or of the network namespace that `pid` is in, with who holds them; read from /proc, no tool " +
    "is needed. A socket that several processes hold is one row, with the lowest pid that fits. Whose sockets other users' " +
    "processes hold only root can see: `process`, `pid` and `fd` are null then.",
  example: `id: listeners
sockets: { process: kubelet, state: listening, protocol: tcp }
save:
  port: only(result.sockets.filter(s, s.port > 30000)).port`,
  spec,
  result,
  normalise: (written) => written ?? {},
  outline: (written) => ({
    risk: "observe",
    tools: [],
    commands: [`read /proc/net/{tcp,tcp6,udp,udp6} and /proc/*/fd${describeFilter(written)}`],
    changes: [],
  }),
  observe,
  readWith: ["process", "port", "protocol", "state"],
  async read(spec, observed, evidence) {
    if (observed.stdout === null) return { sockets: [] };
    return { sockets: await parseSockets(evidence.stream(observed.stdout.path), spec) };
  },
  view(_, { sockets }) {
    const table = tableBlock(
      ["protocol", "state", "address", "port", "peer address", "peer port", "process", "pid", "fd", "inode"],
      sockets.map((socket) => Object.values(socket)),
    );
    const unknown = sockets.filter((socket) => socket.pid === null && socket.inode !== 0).length;
    if (unknown === 0) return [table];
    const text = `Who holds ${unknown} of these sockets could not be read: that takes root (\`become: true\`), or a process of another namespace holds them.`;
    return [table, { type: "text", text }];
  },
};
