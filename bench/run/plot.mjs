// The results as an SVG: a line per workload, a dot per system, on a logarithmic scale of how many
// times the floor it costs.
import { medianRatio } from './statistics.mjs';

const colors = {
  capnweb: '#0b7285',
  'npm capnweb': '#e8590c',
  "Cap'n Proto": '#5f3dc4',
  gRPC: '#2b8a3e',
  'Boost.Beast': '#868e96',
};
const left = 330;
const width = 620;
const rowHeight = 26;
const top = 64;
const ticks = [1, 2, 5, 10, 20, 50, 100, 200];

const x = (ratio) => left + (Math.log(Math.max(ratio, 0.8)) / Math.log(ticks.at(-1) * 1.2)) * width;
const text = (at, y, content, more = '') => `<text x="${at.toFixed(1)}" y="${y}" ${more}>${content}</text>`;
const escape = (content) => content.replaceAll('&', '&amp;').replaceAll('<', '&lt;');

function axis(height) {
  return ticks.map((tick) => {
    const at = x(tick).toFixed(1);
    const color = tick === 1 ? '#495057' : '#dee2e6';
    const line = `<line x1="${at}" x2="${at}" y1="${top - 8}" y2="${height - 16}" stroke="${color}"/>`;
    return line + text(x(tick), top - 14, `${tick}x`, 'text-anchor="middle" fill="#495057"');
  });
}

function legend() {
  return Object.entries(colors).map(([title, color], index) => {
    const at = left + index * 118;
    return `<circle cx="${at}" cy="20" r="5" fill="${color}"/>` + text(at + 10, 24, escape(title));
  });
}

function row({ workload, systems }, index) {
  const y = top + index * rowHeight + 8;
  const floor = systems.find((system) => system.title === 'floor').values;
  const dots = systems
    .filter((system) => colors[system.title])
    .map((system) => {
      const ratio = medianRatio(system.values, floor);
      const title = `<title>${escape(system.title)}: ${ratio.toFixed(2)} times the floor</title>`;
      return `<circle cx="${x(ratio).toFixed(1)}" cy="${y}" r="5" fill="${colors[system.title]}">${title}</circle>`;
    });
  return text(left - 14, y + 4, `${workload.id} ${escape(workload.title)}`, 'text-anchor="end"') + dots.join('');
}

export function plot(results) {
  const height = top + results.length * rowHeight + 16;
  const box = `0 0 ${left + width + 20} ${height}`;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="${box}" font-family="sans-serif" font-size="12">`,
    `<rect width="100%" height="100%" fill="white"/>`,
    text(14, 24, 'Cost per call, times the floor'),
    ...legend(),
    ...axis(height),
    ...results.map(row),
    '</svg>',
    '',
  ].join('\n');
}
