// Draws the charts whose data stand in the page, in the page's own colours, light or dark.
(() => {
    'use strict';
    const charts = JSON.parse(document.getElementById('charts').textContent);
    const colour = name => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
    const figure = value => value == null ? '–' : Number(value.toPrecision(5)).toString();
    // Huge and tiny ticks are written with exponents, and the axis is as wide as its longest one.
    const tick = value => value !== 0 && (Math.abs(value) >= 1e5 || Math.abs(value) < 1e-3)
      ? value.toExponential().replace('e+', 'e') : figure(value);
    const width = (_, ticks) => Math.max(48, 16 + 8 * Math.max(0, ...(ticks || []).map(text => text.length)));
    const axis = (label, size) => ({
        label, size, labelSize: 24, stroke: () => colour('--text'),
        grid: { stroke: () => colour('--rule'), width: 1 },
        ticks: { stroke: () => colour('--rule'), width: 1 },
    });
    const lineOf = line => ({
        label: line.name,
        show: !line.hidden,
        stroke: () => colour('--line-' + line.colour),
        width: line.low ? 2.5 : 1.75,
        dash: [[], [7, 4], [2, 3], [10, 3, 2, 3]][line.dash],
        points: { show: line.x.length <= 40 ? true : undefined, size: 5 },
        value: (_, value) => figure(value),
    });
    const edge = line => ({ label: '', stroke: 'transparent', points: { show: false }, value: () => '', class: 'edge' });
    const drawn = charts.map((chart, k) => {
        const place = document.getElementById('chart-' + k);
        const room = () => Math.max(280, place.clientWidth);
        const series = [{ label: chart.x, value: (_, value) => figure(value) }], bands = [], data = [];
        for (const line of chart.lines) {
            series.push(lineOf(line));
            data.push([line.x, line.y]);
            if (!line.low) continue;
            bands.push({ series: [series.length + 1, series.length], fill: () => colour('--line-' + line.colour) + '2a' });
            series.push(edge(line), edge(line));
            data.push([line.x, line.low], [line.x, line.high]);
        }
        const plot = new uPlot({
            width: room(), height: 340,
            scales: { x: { time: false }, y: chart.axis ? { range: () => chart.axis } : {} },
            axes: [axis(chart.x, 46), { ...axis(chart.name, width), values: (_, ticks) => ticks.map(tick) }],
            series, bands,
        }, uPlot.join(data), place);
        return { plot, room };
    });
    addEventListener('resize', () => drawn.forEach(({ plot, room }) => plot.setSize({ width: room(), height: 340 })));
    matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => drawn.forEach(({ plot }) => plot.redraw()));
})();
