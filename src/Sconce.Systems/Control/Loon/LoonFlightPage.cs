using System.Globalization;
using System.Net;
using System.Text;

namespace Sconce.Systems.Control.Loon;

/// <summary>A flight as a page that stands alone: map of the path, altitude and distance over the hours, figures.</summary>
internal static class LoonFlightPage
{
    private const double Wide = 720, High = 220, Margin = 48;

    /// <summary>The whole page.</summary>
    /// <param name="flight">With its points.</param>
    /// <param name="who">Who decided.</param>
    /// <param name="isSmall">Whether altitudes are levels of the small world.</param>
    public static string Render(LoonFlight flight, string who, bool isSmall)
    {
        string ended = flight.Ended.Length > 0 ? $"; ended early: {WebUtility.HtmlEncode(flight.Ended)}" : "";
        string within = Text($"{100 * flight.Within:0.0} %");
        var page = new StringBuilder($$"""
            <!DOCTYPE html>
            <html lang="en">
            <head>
            <meta charset="utf-8">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
            <title>Flight {{flight.Seed}}: {{within}} within 50 km</title>
            <style>
            body { font: 16px/1.5 system-ui, sans-serif; max-width: 48rem; margin: 2rem auto; padding: 0 1rem }
            body { color: #222; background: #fff }
            svg { width: 100%; height: auto } text { font: 12px system-ui, sans-serif; fill: #555 }
            .line { fill: none; stroke: #1763b8; stroke-width: 1.5 } .axis { stroke: #bbb } .near { fill: #1a936f22; stroke: #1a936f }
            @media (prefers-color-scheme: dark) {
              body { color: #ddd; background: #181818 } text { fill: #aaa } .line { stroke: #6db3f8 }
            }
            </style>
            </head>
            <body>
            <h1>Flight {{flight.Seed}}</h1>
            <p>Flown by {{WebUtility.HtmlEncode(who)}} for {{Text($"{flight.Points[^1].Hours:0.0}")}} hours: <strong>{{within}}</strong>
            of the steps within 50 km of the station, mean reward {{Text($"{flight.Reward:0.000}")}}{{ended}}.</p>

            """);
        page.Append("<h2>Path</h2>\n").Append(Map(flight.Points));
        page.Append(isSmall ? "<h2>Level</h2>\n" : "<h2>Altitude, km</h2>\n").Append(Line(flight.Points, point => point.Height));
        page.Append("<h2>Distance to the station, km</h2>\n").Append(Line(flight.Points, point => point.Distance, near: 50));
        if (!isSmall) page.Append("<h2>Battery</h2>\n").Append(Line(flight.Points, point => point.Charge));
        return page.Append("</body>\n</html>\n").ToString();
    }

    private static string Map(IReadOnlyList<FlightPoint> points)
    {
        double farthest = points.Max(point => Math.Max(Math.Abs(point.East), Math.Abs(point.North)));
        double side = Wide / 2, scale = side / (1.05 * Math.Max(60, farthest));
        string Place(FlightPoint point) => Text($"{side + (scale * point.East):0.#},{side - (scale * point.North):0.#}");
        string path = string.Join(' ', points.Select(Place));
        return Text($"""
            <svg viewBox="0 0 {Wide} {Wide}" role="img" aria-label="The path seen from above, north at the top">
            <circle class="near" cx="{side}" cy="{side}" r="{50 * scale:0.#}"/>
            <text x="{side + 4}" y="{side - (50 * scale) - 4:0.#}">50 km</text>
            <path d="M{side - 6} {side}h12M{side} {side - 6}v12" stroke="#c33"/>
            <polyline class="line" points="{path}"/>
            <circle transform="translate({Place(points[0])})" r="5" fill="#888"><title>launch</title></circle>
            <circle transform="translate({Place(points[^1])})" r="5" fill="#c33"><title>end</title></circle>
            </svg>

            """);
    }

    /// <summary>A value over the hours; the band below <paramref name="near"/> is tinted.</summary>
    private static string Line(IReadOnlyList<FlightPoint> points, Func<FlightPoint, double> of, double? near = null)
    {
        double least = near is null ? points.Min(of) : 0, most = Math.Max(points.Max(of), near ?? double.NegativeInfinity);
        double hours = Math.Max(points[^1].Hours, 1e-9);
        if (most - least < 1e-9) (least, most) = (least - 1, most + 1);
        double X(double at) => Margin + ((Wide - Margin) * at / hours);
        double Y(double value) => 8 + ((High - 32) * (most - value) / (most - least));
        string line = string.Join(' ', points.Select(point => Text($"{X(point.Hours):0.#},{Y(of(point)):0.#}")));
        string band = near is { } range
            ? Text($"""<rect class="near" x="{Margin}" y="{Y(range):0.#}" width="{Wide - Margin}" height="{Y(0) - Y(range):0.#}"/>""")
            : "";
        return Text($"""
            <svg viewBox="0 0 {Wide} {High}" role="img">
            {band}<path class="axis" d="M{Margin} 8V{High - 24}H{Wide}" fill="none"/>
            <text x="2" y="18">{most:0.##}</text><text x="2" y="{High - 26}">{least:0.##}</text>
            <text x="{Margin}" y="{High - 8}">0 h</text><text x="{Wide - 40}" y="{High - 8}">{hours:0} h</text>
            <polyline class="line" points="{line}"/>
            </svg>

            """);
    }

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
