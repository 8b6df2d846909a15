/** The bits of a register as a floating-point number of 32 or 64 bits. */
export function floatOf(word: bigint, bits: 32 | 64): number {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(BigInt.asUintN(64, word));
  return bits === 32 ? bytes.readFloatLE() : bytes.readDoubleLE();
}

/** As Delve writes it: the shortest text that is this number. */
export function floatText(value: number, bits: 32 | 64): string {
  if (!Number.isFinite(value)) return Number.isNaN(value) ? "NaN" : value > 0 ? "+Inf" : "-Inf";
  if (bits === 64) return String(value);
  for (let digits = 1; digits < 9; digits++) {
    const text = String(Number(value.toPrecision(digits)));
    if (Math.fround(Number(text)) === value) return text;
  }
  return String(value);
}

/** As Delve writes it: `(1.5 + -2i)`, each part like Go's `%g` with six digits. */
export const complexText = (real: number, imaginary: number): string => `(${brief(real)} + ${brief(imaginary)}i)`;

function brief(value: number): string {
  if (!Number.isFinite(value)) return floatText(value, 64);
  const [digits = "0", exponent = "0"] = value.toExponential(5).split("e");
  if (Number(exponent) >= -4 && Number(exponent) < 6) return String(Number(value.toPrecision(6)));
  const sign = exponent.startsWith("-") ? "-" : "+";
  return `${Number(digits)}e${sign}${exponent.replace(/^[+-]/, "").padStart(2, "0")}`;
}
