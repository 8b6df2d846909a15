// Knows one path; ends with its standard input.
import { createServer } from "node:http";

const server = createServer((request, response) => {
  const { url } = request;
  response.setHeader("date", "Thu, 01 Jan 1970 00:00:00 GMT");
  if (url === "/here") response.setHeader("content-type", "application/json").end(JSON.stringify({ path: url }));
  else response.writeHead(404, { "content-type": "text/html" }).end("<h1>no such path</h1>\n");
});
server.listen(0, "127.0.0.1", () => {
  const address = server.address();
  if (address !== null && typeof address === "object") console.log(`port=${address.port}\nready`);
});
process.stdin.on("end", () => server.close(() => process.exit(0))).resume();
