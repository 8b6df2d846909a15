/**
 * The page of all step kinds, as `casebook kinds KIND` prints them.
 *
 * @param {(...args: string[]) => string} casebook runs the command line and gives its standard output
 */
export function kindsPage(casebook) {
  const names = casebook("kinds").match(/^[a-z_]+/gm) ?? [];
  const sections = names.map(
    (name) => `## ${name}\n\n\`\`\`\`text\n${casebook("kinds", name).replace(/^.*\n=+\n\n/, "")}\`\`\`\`\n`,
  );
  return `# Step kinds\n\nWritten by \`npm run generate\`; \`casebook kinds KIND\` prints the same.\n\n${sections.join("\n")}`;
}
