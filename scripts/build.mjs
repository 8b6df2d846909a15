import { rm, symlink } from "node:fs/promises";
import { join } from "node:path";
import { bundle, root } from "./bundle.mjs";

await bundle(join(root, "dist"));

// `npx casebook` then finds this clone's own without npm installing the clone into its cache first.
const link = join(root, "node_modules", ".bin", "casebook");
await rm(link, { force: true });
await symlink(join("..", "..", "dist", "cli.js"), link);
