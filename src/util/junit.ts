/** A test and why it failed; null: it did not. */
export interface JunitCase {
  /** What is tested: the tests of one are a suite. */
  readonly suite: string;
  readonly name: string;
  readonly milliseconds: number;
  readonly failure: string | null;
}

/** Test results in the form that CI systems read. */
export function junit(cases: readonly JunitCase[]): string {
  const suites = [...new Set(cases.map(({ suite }) => suite))].map((suite) => {
    const own = cases.filter((one) => one.suite === suite);
    return `  <testsuite name="${escaped(suite)}" ${counts(own)}>\n${own.map(element).join("")}  </testsuite>\n`;
  });
  return `<?xml version="1.0" encoding="UTF-8"?>\n<testsuites ${counts(cases)}>\n${suites.join("")}</testsuites>\n`;
}

function element({ suite, name, milliseconds, failure }: JunitCase): string {
  const head = `    <testcase classname="${escaped(suite)}" name="${escaped(name)}" time="${seconds(milliseconds)}"`;
  if (failure === null) return `${head}/>\n`;
  const [first = ""] = failure.split("\n");
  return `${head}>\n      <failure message="${escaped(first)}">${escaped(failure)}</failure>\n    </testcase>\n`;
}

function counts(cases: readonly JunitCase[]): string {
  const failures = cases.filter(({ failure }) => failure !== null).length;
  const time = cases.reduce((sum, { milliseconds }) => sum + milliseconds, 0);
  return `tests="${cases.length}" failures="${failures}" errors="0" time="${seconds(time)}"`;
}

const seconds = (milliseconds: number): string => (milliseconds / 1000).toFixed(3);

const entities: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "\n": "&#10;",
};

/** XML knows no control characters, however they are written. */
const escaped = (text: string): string =>
  text
    .replace(
      /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g,
      "\ufffd",
    )
    .replace(/[&<>"\n]/g, (character) => entities[character] ?? character);
