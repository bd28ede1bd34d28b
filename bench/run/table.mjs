// The results as a Markdown table: a row per workload, a column per system.
import { median, medianRatio, spread } from './statistics.mjs';

const columns = ['capnweb', 'npm capnweb', "Cap'n Proto", 'gRPC', 'Boost.Beast'];

function digits(number) {
  if (number >= 100) return number.toFixed(0);
  return number.toFixed(number >= 10 ? 1 : 2);
}

// Nanoseconds as µs, bytes as KiB.
function amount(metric, value) {
  return digits(value / (metric === 'bytes_per_connection' ? 1024 : 1000));
}

function row({ workload, systems }) {
  const byTitle = Object.fromEntries(systems.map((system) => [system.title, system]));
  const floor = byTitle.floor.values;
  const cells = columns.map((title) => {
    const values = byTitle[title]?.values;
    if (!values) return '';
    return `${amount(workload.metric, median(values))} (${digits(medianRatio(values, floor))}x)`;
  });
  const ours = byTitle.capnweb?.values;
  const ahead = columns.slice(1).flatMap((title) => {
    const values = byTitle[title]?.values;
    return ours && values ? [`${digits(medianRatio(values, ours))}`] : [''];
  });
  ahead.pop(); // Beast answers no calls
  const ratios = ours?.map((value, round) => value / floor[round]);
  const noise = ratios ? `±${(100 * spread(ratios)).toFixed(0)} %` : '';
  return [workload.id, workload.title, amount(workload.metric, median(floor)), ...cells, ...ahead, noise];
}

export function table(results) {
  const head = ['', 'workload', 'floor', ...columns, 'npm / ours', "Cap'n Proto / ours", 'gRPC / ours', 'spread'];
  const line = (cells) => `| ${cells.join(' | ')} |`;
  const rule = head.map((_, index) => (index < 2 ? '---' : '---:'));
  return [line(head), line(rule), ...results.map((result) => line(row(result)))].join('\n');
}
