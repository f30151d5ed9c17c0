/** One line of the plot: a value for each size of fleet. */
export interface Series {
  readonly label: string;
  readonly color: string;
  readonly values: readonly number[];
}

const title = 'Token requests a day, by clients of one credential';
const width = 640;
const height = 360;
const margin = { left: 70, right: 150, top: 30, bottom: 50 };

/** Draws token requests over the size of the fleet, both logarithmic, as an SVG. */
export function plotRequests(sizes: readonly number[], series: readonly Series[]): string {
  const most = Math.ceil(Math.log10(Math.max(...series.flatMap(({ values }) => values))));
  const least = Math.floor(Math.log10(Math.min(...series.flatMap(({ values }) => values))));
  const widest = Math.log10(Math.max(...sizes));
  const x = (size: number) => margin.left + (Math.log10(size) / widest) * (width - margin.left - margin.right);
  const y = (value: number) =>
    height - margin.bottom - ((Math.log10(value) - least) / (most - least)) * (height - margin.top - margin.bottom);
  const text = (at: number, to: number, anchor: string, content: string, fill = '#333') =>
    `<text x="${Math.round(at)}" y="${Math.round(to)}" text-anchor="${anchor}" fill="${fill}">${content}</text>`;
  const grid = Array.from({ length: most - least + 1 }, (_, index) => {
    const value = 10 ** (least + index);
    const line = `<line x1="${margin.left}" x2="${width - margin.right}" y1="${y(value)}" y2="${y(value)}" stroke="#ddd"/>`;
    return line + text(margin.left - 8, y(value) + 4, 'end', value.toLocaleString('en'));
  });
  const marks = sizes.map((size) => text(x(size), height - margin.bottom + 20, 'middle', size.toLocaleString('en')));
  const lines = series.map(({ label, color, values }) => {
    const points = values.map((value, index) => `${x(sizes[index] ?? 1).toFixed(1)},${y(value).toFixed(1)}`);
    const end = text(width - margin.right + 8, y(values.at(-1) ?? 1) + 4, 'start', label, color);
    return `<polyline points="${points.join(' ')}" fill="none" stroke="${color}" stroke-width="2.5"/>${end}`;
  });
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" font-family="sans-serif" font-size="12">`,
    `<title>${title}</title>`,
    `<rect width="${width}" height="${height}" fill="#fff"/>`,
    text(margin.left, 18, 'start', title),
    ...grid,
    ...marks,
    ...lines,
    '</svg>\n',
  ].join('\n');
}
