// What takes as long as it takes: a condition that holds soon, within limits.
const patience = 10_000;

export async function until(condition, what = () => 'nothing came of it') {
  const end = Date.now() + patience;
  while (!condition()) {
    if (Date.now() > end) throw new Error(`waited in vain: ${what()}`);
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
}
