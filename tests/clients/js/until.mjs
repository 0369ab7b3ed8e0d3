// Asks again until the answer is there; gives up after ten seconds.
export async function until(question) {
  for (let tries = 0; tries < 100; tries++) {
    const answer = await question();
    if (answer) return answer;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error(`Expected it within ten seconds: ${question}`);
}

// The error of a call that must fail.
export async function refused(call) {
  try {
    await call();
  } catch (error) {
    return error;
  }
  throw new Error(`Expected a refusal: ${call}`);
}
