import { expect, it } from "vitest";
import { bareInArithmetic, shellNames } from "../../src/runbook/shell-names.js";

const known = (name: string): boolean => ["port", "name", "host"].includes(name);
const names = (text: string): readonly string[] => shellNames(text, known).map(({ name }) => name);

it("finds names after $ and inside of braces, side by side too", () => {
  expect(names(`$port"$name" \${host}$port \${#name} \${name%.*}`)).toEqual(["port", "name", "host"]);
  expect(names(`\${port}$name\${host}`)).toEqual(["port", "name", "host"]);
});

it("takes neither longer names, nor escaped ones, nor names that are not known", () => {
  expect(names(`$portable $PORT $port_2 $portName \\$port \\\\\\$name $HOME \${other} port`)).toEqual([]);
  expect(names("\\\\$port")).toEqual(["port"]);
});

it("knows whether every mention has a default", () => {
  const [port] = shellNames(`\${port-} \${port:-80} \${port+x}`, known);
  expect(port).toMatchObject({ hasDefault: true, start: 0, end: 6 });
  expect(shellNames(`\${port-} $port`, known)[0]?.hasDefault).toBe(false);
  expect(shellNames(`$port \${port-}`, known)[0]?.hasDefault).toBe(false);
  expect(shellNames(`\${port:?}`, known)[0]?.hasDefault).toBe(false);
  expect(shellNames(`\${port?is missing}`, known)[0]?.hasDefault).toBe(false);
});

it("knows whether the text gives the variable a value itself", () => {
  for (const text of [
    "port=1; echo $port",
    "for port in 1; do echo $port; done",
    "while read -r name port; do echo $port; done",
    "x && local port=2; echo $port",
    "export name=1 port=2; echo $port",
    "name='a b' port=$(x) y; echo $port",
    "if port=$(x); then echo $port; fi",
    "while ! port=$(x); do :; done; echo $port",
    "(port=1; echo $port)",
    "x\n  port+=1\necho $port",
  ]) {
    expect(shellNames(text, known).find(({ name }) => name === "port")?.assigned, text).toBe(true);
  }
  for (const text of [
    "echo $port; export=1",
    "x --port=$port",
    "myport=1; echo $port",
    "curl -d port=$port",
    "dd if=x port=$port",
    "echo 'a' port=$port",
  ]) {
    expect(shellNames(text, known)[0]?.assigned, text).toBe(false);
  }
});

it("finds what arithmetic would take for a variable that nobody has set", () => {
  const bare = (text: string) => bareInArithmetic(text, known).map(({ start, end }) => text.slice(start, end));
  expect(bare("echo $((port+1)) $(( (name * 2) + other ))")).toEqual(["port", "name"]);
  for (const text of [
    `echo $((\${port}+1))`,
    "echo $(($port+1)) $((port))",
    "port=1; echo $((port+1))",
    "echo $(cat port) $((PORT + port_2 + 0xport))",
    String.raw`echo \$((port+1))`,
  ]) {
    expect(bare(text), text).toEqual([]);
  }
});
