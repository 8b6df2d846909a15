import { createHash } from "node:crypto";
import { mkdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { createEvidenceStore } from "../../src/engine/evidence-store.js";
import { createMasker } from "../../src/engine/mask.js";
import type { EvidenceRef } from "../../src/model/evidence.js";
import { scratch } from "../support/scratch.js";

test("what a process prints when its stream is closed changes nothing that was hashed", async () => {
  const folder = await scratch();
  await mkdir(join(folder, "evidence"));
  const closed: EvidenceRef[] = [];
  const store = createEvidenceStore(folder, createMasker(new Map()));
  const evidence = store.open("01-program.stdout", { close: (ref) => closed.push(ref), cut: () => {} });
  await evidence.write(Buffer.from("in time\n"));
  const ref = await evidence.close();
  await evidence.write(Buffer.from("too late\n"));
  expect(closed).toEqual([ref]);
  const bytes = await readFile(join(folder, "evidence/01-program.stdout"));
  expect(bytes.toString()).toBe("in time\n");
  expect(ref).toMatchObject({ bytes: bytes.length, sha256: createHash("sha256").update(bytes).digest("hex") });
});
