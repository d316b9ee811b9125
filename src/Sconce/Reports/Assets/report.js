// Draws the charts whose data stand in the page, in the page's own colours, light or dark.
(() => {
    'use strict';
    const charts = JSON.parse(document.getElementById('charts').textContent);
    const colour = name => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
    const figure = value => value == null ? '–' : Number(value.toPrecision(5)).toString();
    const axis = (label, size) => ({
        label, size, labelSize: 24, stroke: () => colour('--text'),
        grid: { stroke: () => colour('--rule'), width: 1 },
        ticks: { stroke: () => colour('--rule'), width: 1 },
    });
    const drawn = charts.map((chart, k) => {
        const place = document.getElementById('chart-' + k);
        const width = () => Math.max(280, place.clientWidth);
        const series = chart.lines.map(line => ({
            label: line.name,
            stroke: () => colour('--line-' + line.colour),
            width: 1.75,
            dash: [[], [7, 4], [2, 3], [10, 3, 2, 3]][line.dash],
            points: { show: line.x.length <= 40 ? true : undefined, size: 5 },
            value: (_, value) => figure(value),
        }));
        const plot = new uPlot({
            width: width(), height: 340,
            scales: { x: { time: false } },
            axes: [axis(chart.x, 46), { ...axis(chart.name, 70), values: (_, ticks) => ticks.map(figure) }],
            series: [{ label: chart.x, value: (_, value) => figure(value) }, ...series],
        }, uPlot.join(chart.lines.map(line => [line.x, line.y])), place);
        return { plot, width };
    });
    addEventListener('resize', () => drawn.forEach(({ plot, width }) => plot.setSize({ width: width(), height: 340 })));
    matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => drawn.forEach(({ plot }) => plot.redraw()));
})();
