import type { AskSudo } from "../sudo.js";

export const askSudo: AskSudo = async (user, signal) => {
  const { execa } = await import("execa"); // heavy, and hardly ever needed
  const { exitCode, stderr, shortMessage } = await execa("sudo", ["-n", "-u", user, "--", "true"], {
    reject: false,
    cancelSignal: signal,
    killSignal: "SIGKILL",
  });
  return { permitted: exitCode === 0, said: stderr || (shortMessage ?? "") };
};
