using System.Net;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using Sconce.Imaging;
using Sconce.Training;

namespace Sconce.Systems.Analysis.GrandTour;

/// <summary>What the page shows.</summary>
/// <param name="Title">Of the page.</param>
/// <param name="Names">Of the points.</param>
/// <param name="Labels">Their classes; -1 where unknown.</param>
/// <param name="Classes">The classes' names.</param>
/// <param name="Epochs">What the epochs are called, in order.</param>
/// <param name="Layers">The same points in each.</param>
internal sealed record TourContents(
    string Title, IReadOnlyList<string> Names, IReadOnlyList<int> Labels, IReadOnlyList<string> Classes, IReadOnlyList<string> Epochs,
    IReadOnlyList<TourLayer> Layers);

/// <summary>A grand tour as one page that needs nothing besides itself; WebGL, points as 16-bit numbers.</summary>
internal static class TourPage
{
    private const int Cell = 24, Quality = 75;
    private const string Policy = "default-src 'none'; img-src data: blob:; style-src 'unsafe-inline'; script-src 'unsafe-inline'";

    private static readonly string[] Palette =
    [
        "#1f77b4", "#ff7f0e", "#2ca02c", "#d62728", "#9467bd", "#8c564b", "#e377c2", "#17becf", "#bcbd22", "#5254a3", "#e7ba52", "#637939",
    ];

    /// <summary>The whole page.</summary>
    /// <param name="contents">The points.</param>
    /// <param name="pictures">A picture a point, in their order; shown under the pointer.</param>
    public static string Render(TourContents contents, IEnumerable<Image> pictures)
    {
        string title = WebUtility.HtmlEncode(contents.Title);
        return $"""
            <!DOCTYPE html>
            <html lang="en">
            <head>
            <meta charset="utf-8">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <meta http-equiv="Content-Security-Policy" content="{Policy}">
            <title>{title}</title>
            <style>{Asset("tour.css")}</style>
            </head>
            <body>
            <header>
            <h1>{title}</h1>
            <button id="tour">Tour</button>
            <label>speed <input id="speed" type="range" min="0.05" max="3" step="0.05" value="0.6"></label>
            <button id="play">Play epochs</button>
            <label>epoch <input id="epoch" type="range" min="0" step="0.01" value="0"> <output id="now"></output></label>
            <label>layer <select id="layer"></select></label>
            <button id="save">Save picture</button>
            <button id="film">Film</button>
            </header>
            <div id="stage"><canvas id="points"></canvas><svg id="overlay"></svg></div>
            <p class="help">Drag an axis by its end. Drag over points to choose them, then drag the yellow dot.
            Wheel: larger and smaller.</p>
            <div id="legend"></div>
            <div id="tip"><div></div><p></p></div>
            <noscript><p>The tour needs JavaScript.</p></noscript>
            <script type="application/json" id="data">{Data(contents, pictures)}</script>
            <script>{Asset("tour.js")}</script>
            </body>
            </html>

            """;
    }

    private static string Data(TourContents contents, IEnumerable<Image> pictures)
    {
        using var stream = new MemoryStream();
        using (var json = new Utf8JsonWriter(stream)) // its encoder escapes what could end the script
        {
            json.WriteStartObject();
            Texts(json, "names", contents.Names);
            Texts(json, "classes", contents.Classes);
            Texts(json, "epochs", contents.Epochs);
            Texts(json, "colours", Palette);
            json.WriteStartArray("labels");
            foreach (int label in contents.Labels) json.WriteNumberValue(label);
            json.WriteEndArray();
            json.WriteStartArray("layers");
            foreach (var layer in contents.Layers) Write(json, layer);
            json.WriteEndArray();
            Write(json, pictures, contents.Names.Count);
            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(stream.ToArray());
    }

    /// <summary>
    /// Numbers of 16 bits in units that bring the farthest point of the last epoch to 1; earlier ones beyond 1.9 are cut.
    /// </summary>
    private static void Write(Utf8JsonWriter json, TourLayer layer)
    {
        int width = layer.Axes.Count;
        double farthest = Math.Max(1e-6, layer.Name == NetworkOutputs.Softmax ? 1 : layer.Epochs[^1].Chunk(width).Max(Length));
        const double unit = 1.9 / short.MaxValue;
        short[] values = [.. layer.Epochs.SelectMany(rows => rows)
            .Select(value => (short)Math.Clamp(Math.Round(value / farthest / unit), -short.MaxValue, short.MaxValue))];
        json.WriteStartObject();
        json.WriteString("name", layer.Name);
        Texts(json, "axes", layer.Axes);
        json.WriteNumber("unit", unit);
        json.WriteString("points", Convert.ToBase64String(MemoryMarshal.AsBytes<short>(values)));
        json.WriteEndObject();

        static double Length(float[] row) => Math.Sqrt(row.Sum(value => (double)value * value));
    }

    /// <summary>All pictures on one sheet.</summary>
    private static void Write(Utf8JsonWriter json, IEnumerable<Image> pictures, int count)
    {
        int columns = Math.Max(1, (int)Math.Ceiling(Math.Sqrt(count)));
        var sheet = ImageGrid.Create(
            pictures.Select(picture => picture.To8Bit().ToRgb(Rgb.White).Resize(Cell, Cell, ResizeFilter.Bilinear)), columns, padding: 0);
        json.WriteStartObject("pictures");
        json.WriteNumber("columns", columns);
        json.WriteNumber("cell", Cell);
        json.WriteString("url", "data:image/jpeg;base64," + Convert.ToBase64String(sheet.Encode(ImageFormat.Jpeg, Quality)));
        json.WriteEndObject();
    }

    private static void Texts(Utf8JsonWriter json, string name, IEnumerable<string> texts)
    {
        json.WriteStartArray(name);
        foreach (string text in texts) json.WriteStringValue(text);
        json.WriteEndArray();
    }

    private static string Asset(string name)
    {
        using var stream = typeof(TourPage).Assembly.GetManifestResourceStream($"GrandTour.{name}")
            ?? throw new InvalidOperationException($"this build of Sconce lacks the resource {name}: build it again");
        using var reader = new StreamReader(stream, Encoding.UTF8);
        return reader.ReadToEnd();
    }
}
