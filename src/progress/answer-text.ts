/** A verdict on one line. Where no rule gave the answer, and so no text, that is what there is to say. */
export function answerText(answer: string, says: string): string {
  if (says !== "") return `${answer}: ${says}`;
  return answer === "undecided" ? "undecided: no rule of the verdict holds" : answer;
}
